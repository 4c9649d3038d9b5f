import { copyPayment } from '../flow/payment.js'
import type { AxiosAnswer } from './axios-answer.js'
import { isNodeStream, isWebStream, toStreamLike, toWebStream } from './stream-body.js'
import { toBodyInit } from './to-body-init.js'

/** Statuses whose answers have no body. Source: the Fetch standard, "null body status". */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304])

/**
 * A second copy of an answer, for another call that bought the same by the same key. It is the platform's own, since that call may
 * have come through another door.
 */
export function toResponse(native: AxiosAnswer | Response): Response {
  if (native instanceof Response) return native.clone()
  const { response } = native
  const { status, statusText } = response
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of [value].flat()) headers.append(name, String(one))
  }
  const body = copyBody(native)
  const copy = new Response(WITHOUT_BODY.has(status) ? null : body, { status, statusText, headers })
  Object.defineProperty(copy, 'url', { value: native.url ?? '' })
  return copyPayment(native, copy)
}

function copyBody({ response }: AxiosAnswer): BodyInit | null {
  const { data } = response
  if (!isNodeStream(data) && !isWebStream(data)) return toBodyInit(data) ?? null
  const [own, other] = toWebStream(data).tee()
  response.data = toStreamLike(data, own)
  return other
}
