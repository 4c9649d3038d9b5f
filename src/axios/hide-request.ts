/**
 * Keeps the request of a paid answer or error reachable, but out of logs: the head of Node's request is text with the payment in it.
 */
export function hideRequest<Holder extends object>(holder: Holder, request: unknown): Holder {
  return Object.defineProperty(holder, 'request', {
    value: request,
    enumerable: false,
    configurable: true,
    writable: true,
  })
}
