import type { CallOptions } from '../exchange.js'

const repeats = /* @__PURE__ */ new WeakSet<object>()

/**
 * Makes who approves a call that asks for a job once more by its own request: it presents the payment that the job belongs to, and makes no other.
 *
 * @param payment - The ledger's id of that payment.
 */
export function approveRepeat(payment: string): CallOptions['approve'] {
  const approve: CallOptions['approve'] = (request) => request.resumed && request.payment === payment
  repeats.add(approve)
  return approve
}

/** Whether a call only asks for a job once more. It buys nothing, so that it goes on while its client is drained. */
export function isRepeat(options: CallOptions | undefined): boolean {
  const { approve } = options ?? {}
  return typeof approve === 'function' && repeats.has(approve)
}
