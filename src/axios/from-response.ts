import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import { copyPayment } from '../flow/payment.js'
import type { AxiosAnswer } from './axios-answer.js'
import { isNodeStream, toStreamLike } from './stream-body.js'

/**
 * An answer that another call bought by the same key, as this call's adapter would have given it.
 *
 * @param unpaid - The data of this call's own 402, which shows what its adapter answers with.
 */
export function fromResponse(copy: Response, config: InternalAxiosRequestConfig, unpaid: unknown): AxiosAnswer {
  const { status, statusText } = copy
  const headers = new AxiosHeaders(Object.fromEntries(copy.headers))
  const isNode = isNodeStream(unpaid)
  const data = isNode ? toStreamLike(unpaid, copy.body) : copy.body
  const answer: AxiosAnswer = {
    response: { data, status, statusText, headers, config },
    form: isNode ? 'node' : 'web',
    url: copy.url || undefined,
    hidden: false,
    judged: undefined,
  }
  return copyPayment(copy, answer)
}
