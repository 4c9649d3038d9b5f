import type { Filter, LedgerRecord } from '../flow/ports.js'

/**
 * Whether `list` shows a payment under a filter.
 *
 * @param record - The payment as it stands.
 * @param filter - What is asked for; `{}` asks for all.
 * @returns Whether it has all that the filter names.
 */
export function isListed(record: LedgerRecord, { states, delivery, host }: Filter): boolean {
  return (
    (states === undefined || states.includes(record.state)) &&
    (delivery === undefined || delivery === record.delivery) &&
    (host === undefined || host === record.host)
  )
}
