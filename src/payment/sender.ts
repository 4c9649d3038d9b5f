import type { Exchange } from './exchange.js'

/** What sends the requests of each exchange that a wrapper of ours made. */
const senders = new WeakMap<object, object>()

/**
 * Notes what sends the request of an exchange. It is frozen with what it was made from, so that its response is that sender's response to that
 * request, whoever hands it to a client. For wrappers of ours alone, and only where nothing of the call's own could answer instead.
 */
export function noteSender(exchange: Pick<Exchange, 'given'>, sender: object): void {
  senders.set(Object.freeze(exchange), sender)
  Object.freeze(exchange.given)
}

/** What sends the request of an exchange; `undefined` for one that anyone may have made, whose response may be made up. */
export function senderOf(exchange: Exchange<object>): object | undefined {
  return senders.get(exchange)
}
