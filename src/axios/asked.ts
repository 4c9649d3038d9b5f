import { AxiosHeaders, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { attachPayment } from '../payment/summary.js'
import { type ResolvedAdapter, resolveAdapter } from './adapter.js'
import type { AxiosAnswer } from './answer.js'
import { askAdapter } from './sent.js'
import { type StreamFormSnapshot, snapshotStreamForm } from './stream-form.js'

/** A request that was sent without a payment, and its answer. */
export type Asked = {
  readonly adapter: ResolvedAdapter
  readonly answer: AxiosAnswer
  /** The caller's own config, which the adapter has written headers into. */
  readonly config: InternalAxiosRequestConfig
  /** The same, as it was before. */
  readonly before: InternalAxiosRequestConfig
  /** What a form that is a stream held. */
  readonly form: StreamFormSnapshot | undefined
  /** Whether the answer asks for money, as far as its status tells. */
  readonly isPriced: boolean
}

/**
 * Sends a request without a payment.
 *
 * @param given - The adapter that the caller's config names.
 */
export async function askUnpaid(
  given: AxiosRequestConfig['adapter'],
  config: InternalAxiosRequestConfig,
): Promise<Asked> {
  const adapter = resolveAdapter(given, config)
  const before = { ...config, headers: AxiosHeaders.from(config.headers).concat(), params: copyParams(config.params) }
  // The fetch adapter can't send such a form at all.
  const form = adapter.kind === 'fetch' ? undefined : snapshotStreamForm(config.data)
  const answer = await askAdapter(adapter, { config, shown: config, isPaid: false })
  const { judged, response } = answer
  if (judged !== undefined) attachPayment(response, judged)
  return { adapter, answer, config, before, form, isPriced: response.status === 402 && judged === undefined }
}

/** Axios copies plain objects by itself; of others the caller's own is at hand, which may be another by the time of the 402. */
function copyParams(params: unknown): unknown {
  return params instanceof URLSearchParams ? new URLSearchParams(params) : params
}
