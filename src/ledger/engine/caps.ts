import { monthOf } from '../../payment/calendar.js'
import type { Cap } from '../../payment/ledger.js'
import { amountIn, type Draft } from '../../payment/payment.js'
import { toAddressKey } from '../../wire/address.js'
import { isWhollyInScope } from '../book/window.js'
import { toMark } from './marks.js'
import type { CapRequest, Window } from './store.js'

/**
 * Writes the caps that count a payment, as an engine takes them. A payment that a cap doesn't count is never refused by it.
 *
 * @param nowSeconds - What the engine's clock says, as far as that is known.
 * @returns Each with its request.
 */
export function toCapRequests(
  draft: Draft,
  caps: readonly Cap[],
  nowSeconds: number,
): readonly { readonly cap: Cap; readonly request: CapRequest }[] {
  return caps.flatMap((cap) => {
    const added = isWhollyInScope(draft, cap.scope) ? amountIn(cap.unit, draft) : undefined
    return added === undefined ? [] : [{ cap, request: toCapRequest(cap, added, nowSeconds) }]
  })
}

/** Writes one cap. */
export function toCapRequest(cap: Cap, added: bigint, nowSeconds: number): CapRequest {
  const { unit, amount, count } = cap
  const { host, resource, payTo, tag } = cap.scope
  return {
    unit: toMark(unit),
    host: host === undefined ? undefined : toMark(host),
    resource: resource === undefined ? undefined : toMark(resource),
    payTo: payTo === undefined ? undefined : toMark(toAddressKey(payTo)),
    tag: tag === undefined ? undefined : toMark(tag),
    window: toWindow(cap, nowSeconds),
    amount: amount === undefined ? undefined : String(amount),
    count,
    added: String(added),
  }
}

/** The month that it is, and the one after it, since the engine's clock may have gone on. */
function toWindow({ windowSeconds, monthIn: zone }: Cap, nowSeconds: number): Window {
  if (zone === undefined) return windowSeconds === undefined ? undefined : { seconds: windowSeconds }
  const { startSeconds, endSeconds } = monthOf(nowSeconds, zone)
  return { zone, starts: [startSeconds, endSeconds, monthOf(endSeconds, zone).endSeconds] }
}
