import { FREEZE, type Refusal } from '../../payment/ledger.js'
import type { Draft } from '../../payment/payment.js'
import { boughtUntilSeconds, findOpen } from '../../payment/purchase.js'
import { isSameAddress } from '../../wire/address.js'
import type { Fall } from '../book/ledger-time.js'
import { findRuling } from '../book/refusal.js'
import { markPurchase, toMark, toPin } from './marks.js'
import { isLongDead, type Rows, type StoredPayment } from './rows.js'
import type { ReserveReply, Seen, VersionedValue } from './store.js'
import type { Times } from './times.js'
import { readValue } from './values.js'

type Unseen = Extract<ReserveReply, { readonly is: 'unseen' }>

/** Whether a payment may be reserved by what was seen, and what is new of the clock. */
export type Judged = {
  readonly seen: Seen
  readonly fall: Fall | undefined
  readonly refusal: Refusal | undefined
  /** Payments whose key may buy again, and those of others that are long dead: they needn't be found under these names any longer. */
  readonly over: readonly StoredPayment[]
}

/** Judges new payments by what an engine has seen. */
export type Judge = {
  /** What is so for most payments, as far as this process knows. If it isn't, the engine says what is. */
  usual(draft: Draft): Seen
  /** Judges a payment by all that may stand in its way but for caps. */
  judge(draft: Draft, reply: Unseen): Promise<Judged>
  /** To be told of each payment that was reserved: where its origin is pinned to from then on. */
  learn(draft: Draft): void
}

/** Of how many origins it's remembered where they are pinned to. */
const MAX_PINS = 4096

const NONE: VersionedValue = { revision: 0, text: undefined }

/** Creates the judge of a ledger. */
export function createJudge(rows: Rows, times: Times): Judge {
  let ruling = { frozen: NONE, limits: NONE }
  const pins = new Map<string, string>()

  function rule(draft: Draft, { frozen, limits }: typeof ruling): Refusal | undefined {
    return findRuling((kind) => readValue(kind === FREEZE.kind ? frozen : limits), draft.by)
  }

  const write = ({ frozen, limits }: typeof ruling) => `${frozen.revision}:${limits.revision}`

  function rememberPin(key: string, payTo: string): void {
    if (pins.size >= MAX_PINS) pins.clear()
    pins.set(key, payTo)
  }

  function learn(draft: Draft): void {
    const { key, payTo } = toPinOf(draft)
    if (!isSameAddress(pins.get(key) ?? '', payTo)) rememberPin(key, payTo)
  }

  return {
    usual(draft) {
      const pin = toPinOf(draft)
      return {
        // What refuses it must be seen again to refuse it.
        ruling: rule(draft, ruling) === undefined ? write(ruling) : '',
        open: '',
        pin: draft.isPinned ? (isSameAddress(pins.get(pin.key) ?? '', pin.payTo) ? pins.get(pin.key) : '') : undefined,
        time: times.usual(),
      }
    },
    async judge(draft, reply) {
      ruling = reply
      if (reply.pin !== '') rememberPin(toPinOf(draft).key, reply.pin)
      const { seen, fall } = times.read(reply.time)
      const known = await rows.read(reply.open)
      const { nowSeconds } = reply.time
      const names = markPurchase(draft.call)
      const isOver = ({ payment }: StoredPayment) =>
        (boughtUntilSeconds(payment) ?? Number.POSITIVE_INFINITY) <= nowSeconds ||
        (isLongDead(payment, nowSeconds) && !names.includes(toMark(payment.call.purchase)))
      const over = known.filter(isOver)
      const open = known.filter((one) => !isOver(one))
      const { purchase, coarse, isKeyed } = draft.call
      const payments = open.map(({ payment }) => payment)
      const found = findOpen(payments, { purchase, coarse, isKeyed, ...draft.by })
      const isElsewhere = draft.isPinned && reply.pin !== '' && !isSameAddress(reply.pin, draft.terms.payTo)
      const refusal: Refusal | undefined =
        rule(draft, reply) ??
        (found && { by: 'open', open: found }) ??
        (isElsewhere ? { by: 'pin', payTo: reply.pin } : undefined)
      return {
        seen: {
          ruling: write(reply),
          open: open.map(({ row }) => `${row.id}:${row.revision}`).join(),
          pin: draft.isPinned ? reply.pin : undefined,
          time: seen,
        },
        fall,
        refusal,
        over,
      }
    },
    learn,
  }
}

function toPinOf({ call, terms }: Draft) {
  return toPin({ call, terms, state: 'reserved', delivery: 'none' })
}
