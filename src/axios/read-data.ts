import { AxiosError, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import type { AxiosAnswer } from './axios-answer.js'
import { hideRequest } from './hide-request.js'
import { readNodeStream } from './read-node-stream.js'
import { readWebStream } from './read-web-stream.js'

/**
 * Reads the body of an answer as its adapter would have, had it not been asked for the head alone.
 *
 * @param isPaid - Then every failure shows the answer: what has an answer isn't asked for again by retry libraries, which would
 * buy it again.
 * @throws An `AxiosError`, as the adapter's own.
 */
export async function readData(
  { response, form, failure }: AxiosAnswer,
  config: InternalAxiosRequestConfig,
  isPaid: boolean,
): Promise<void> {
  const { data } = response
  if (failure === undefined && (form === 'whole' || config.responseType === 'stream')) return
  response.data = undefined
  try {
    if (failure !== undefined) throw failure
    // Without follow-redirects the adapter's timer is over when the head is here.
    const isWatched = isPaid || config.maxRedirects === 0
    if (form === 'node') response.data = await readNodeStream(data, config, response, isWatched)
    else response.data = await readWebStream(data, config, response, form === 'xhr')
  } catch (thrown) {
    const error = isAxiosError(thrown) ? thrown : AxiosError.from(thrown, undefined, config, response.request)
    if (isPaid) hideRequest(error, response.request)
    error.config = config
    if (isPaid && error.response === undefined) {
      error.response = response
      error.status = response.status
    }
    throw error
  }
}
