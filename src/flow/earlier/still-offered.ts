import type { Payment } from '../../payment/payment.js'
import type { Envelope } from '../../wire/challenge.js'
import { isJsonObject, isSameJson } from '../../wire/json.js'

/** Fields of an offer that decide what is signed. Others, such as an order number, don't make it another offer. */
const SIGNED_FIELDS = ['scheme', 'network', 'asset', 'payTo', 'amount', 'maxAmountRequired']
const SIGNED_EXTRA = ['name', 'version', 'assetTransferMethod', 'paymentFlow', 'facilitatorAddress', 'feePayer']

/** Whether the seller still makes the offer that was paid: the same entry, or, for schemes that sign only these fields, the same signed fields. */
export function isStillOffered({ presentation, terms }: Payment, envelope: Envelope): boolean {
  const paid = presentation?.entry
  return envelope.accepts.some(
    (entry) => isSameJson(entry, paid) || (['exact', 'upto'].includes(terms.scheme) && isSameWhereSigned(entry, paid)),
  )
}

function isSameWhereSigned(entry: unknown, paid: unknown): boolean {
  if (!isJsonObject(entry) || !isJsonObject(paid)) return false
  const [extra, paidExtra] = [entry['extra'], paid['extra']].map((one) => (isJsonObject(one) ? one : {}))
  return (
    SIGNED_FIELDS.every((name) => isSameJson(entry[name], paid[name])) &&
    SIGNED_EXTRA.every((name) => isSameJson(extra?.[name], paidExtra?.[name]))
  )
}
