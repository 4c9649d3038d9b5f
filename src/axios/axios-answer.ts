import type { AxiosResponse } from 'axios'
import type { Payment } from '../flow/payment.js'

/** One answer of an adapter, as the corridor carries it. */
export type AxiosAnswer = {
  /** What the caller is given in the end. While `form` is a stream, so is its `data`. */
  readonly response: AxiosResponse
  /**
   * Whether `data` is Node's stream, the platform's, the platform's in place of what XMLHttpRequest would have read, or what the
   * adapter made of it already.
   */
  readonly form: 'node' | 'web' | 'xhr' | 'whole'
  /** Where it came from, after redirects; `undefined` when the adapter doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect. */
  readonly hidden: boolean
  /** A browser got it from another origin, and shows only the headers that the seller lets pages read. */
  readonly filtered?: boolean | undefined
  /** What the adapter found wrong with the answer once its head was there; thrown when the body is read. */
  readonly failure?: Error | undefined
  /** A wrapped fetch inside the adapter judged it already. */
  readonly judged: Payment | undefined
}
