import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import type { X402Error } from '../errors/x402-error.js'
import { cancelBody } from '../http/body-stream.js'
import { attachRefusal, copyPayment } from '../payment/summary.js'
import type { AxiosAnswer } from './answer.js'
import { toAxiosError } from './axios-error.js'
import { readData } from './data.js'
import { type HeldBody, holdBody } from './held-body.js'

/** What the seller answered to a call that ended with an error of ours. */
export type RefusedCall = {
  /** The 402, which a call that was prepaid has none of. */
  readonly answer?: AxiosAnswer
  /** The body of the 402. */
  readonly held?: HeldBody
  /** What came last: the 402, if nothing came after it. */
  readonly last: AxiosAnswer | undefined
}

/**
 * Makes an `AxiosError` of an error of ours, with the seller's own answer in it and the error beside that.
 *
 * @returns The error, to be thrown.
 */
export async function toRefusal(
  error: X402Error,
  call: RefusedCall,
  config: InternalAxiosRequestConfig,
): Promise<AxiosError> {
  const shown = findAnswer(error, call)
  if (shown !== call.answer) call.held?.discard()
  // Of a call that this one joined: what this one was answered says as much.
  if (error.response instanceof Response) cancelBody(error.response.body)
  const response = shown && (await read(shown, call, error, config))
  Object.defineProperty(error, 'response', { value: response, enumerable: false, configurable: true })
  return toAxiosError(error, config, response)
}

/** A caller who takes a 402 for a success is given the seller's own, as ever; the refusal is beside it. */
export function acceptOrThrow(refusal: AxiosError, { validateStatus }: InternalAxiosRequestConfig): AxiosResponse {
  const { response } = refusal
  const isSuccess = response?.status === 402 && (!validateStatus || validateStatus(402))
  if (response === undefined || !isSuccess) throw refusal
  return response
}

/** Where the answer was lost, or nobody waits for it, there is none to show. */
function findAnswer({ code, response }: X402Error, { answer, last }: RefusedCall): AxiosAnswer | undefined {
  if (code === 'ANSWER_LOST' || code === 'ABORTED') return undefined
  return answer !== undefined && response === answer ? answer : last
}

/** What follows the head is the seller's to withhold, and its body says less than our error: it isn't waited for long. */
async function read(
  shown: AxiosAnswer,
  { answer, held }: RefusedCall,
  error: X402Error,
  config: InternalAxiosRequestConfig,
): Promise<AxiosResponse> {
  const body = (shown === answer ? held : undefined) ?? holdBody(shown.response.data)
  shown.response.data = config.responseType === 'stream' ? body.release() : await body.releaseBounded()
  try {
    await readData(shown, config, false)
  } catch {
    shown.response.data = undefined // it broke off
  }
  return attachRefusal(copyPayment(shown, shown.response), error)
}
