/** What a `Request` says besides its address, headers, body and signal. */
export function toInit(request: Request): RequestInit {
  const { method, credentials, integrity, keepalive, mode, referrer, referrerPolicy, signal } = request
  return { method, credentials, integrity, keepalive, mode, referrer, referrerPolicy, signal }
}
