import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import { endWith } from '../fetch/end-with.js'
import { copyPayment } from '../flow/payment.js'
import type { AxiosAnswer } from './axios-answer.js'
import { isNodeStream, toStreamLike } from './stream-body.js'

/**
 * An answer that another call bought by the same key, as this call's adapter would have given it: it ends with this call's signal.
 *
 * @param unpaid - The data of this call's own 402, which shows what its adapter answers with.
 */
export function fromResponse(
  copy: Response,
  config: InternalAxiosRequestConfig,
  unpaid: unknown,
  signal: AbortSignal | undefined,
): AxiosAnswer {
  const { status, statusText } = copy
  const headers = new AxiosHeaders(Object.fromEntries(copy.headers))
  const isNode = isNodeStream(unpaid)
  const body = endWith(copy.body, signal)
  const data = isNode ? toStreamLike(unpaid, body) : body
  const answer: AxiosAnswer = {
    response: { data, status, statusText, headers, config },
    form: isNode ? 'node' : 'web',
    url: copy.url || undefined,
    hidden: false,
    judged: undefined,
  }
  return copyPayment(copy, answer)
}
