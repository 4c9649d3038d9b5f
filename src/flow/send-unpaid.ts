import { anySignal } from './any-signal.js'
import { createDeadline } from './create-deadline.js'
import type { Answer, Exchange } from './ports.js'
import type { Call } from './steps.js'

/**
 * Sends the request to where the terms came from once more, without a payment. It is waited for no longer than the first one was: a
 * seller that answers only once would hold the call for ever.
 *
 * @param headers - What goes along beside the request's own.
 * @throws What the door throws when no answer comes; nothing was signed.
 */
export async function sendUnpaid<Native>(
  { url, signal }: Call,
  exchange: Exchange<Native>,
  headers: Readonly<Record<string, string>>,
): Promise<Answer<Native>> {
  const reason = 'The request was not answered in time; nothing was paid.'
  const deadline = createDeadline(exchange.unpaidTimeoutMs, reason)
  try {
    return await exchange.send(url, headers, anySignal(signal, deadline?.signal))
  } catch (error) {
    // It is thrown as it is, so nobody reads the 402, which would hold its connection.
    exchange.discard(exchange.answer.native)
    throw error
  } finally {
    deadline?.clear()
  }
}
