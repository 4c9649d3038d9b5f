import type { JobResponse, JobStart } from '../payment/job/job.js'
import { isJsonObject, type JsonObject, parseJsonObject } from '../wire/json.js'
import { type HttpResponse, isSafeMethod } from './message.js'
import { readReceipt, readRetryAfter } from './paid-response.js'

/** Longest pause that a seller may ask for while a job is waited for, in milliseconds; the wait itself may end sooner. */
const MAX_PAUSE_MS = 3_600_000

/** Most of a body that is searched for an address, in bytes. */
const MAX_SEARCHED_BYTES = 64 * 1024

/** Where a `202` says that its job is asked for. `isSame` means the request itself, once more. */
export type JobAddress = Omit<JobStart, 'payment'> & { readonly isSame: boolean }

/**
 * Reads where to ask for what a `202` only promises: `Location`, else an address in the body, else, with a `Retry-After`, where it was asked.
 *
 * @param url - The address that responded.
 * @returns `undefined` where it says nothing of that.
 */
export async function readJobAddress(
  response: HttpResponse,
  { method, url }: { readonly method: string; readonly url: string },
  nowSeconds: number,
): Promise<JobAddress | undefined> {
  const { origin } = new URL(url)
  const pauseMs = readRetryAfter(response, nowSeconds, MAX_PAUSE_MS)
  const named = response.header('location') ?? (await readFromBody(response))
  if (named !== undefined && URL.canParse(named, url)) {
    return { url: new URL(named, url).href, origin, pauseMs, isSame: false }
  }
  return pauseMs !== undefined && isSafeMethod(method) ? { url, origin, pauseMs, isSame: true } : undefined
}

/** Names under which APIs write the address of a job's state, at the top of a body or under `links` and the like. */
const NAMES = ['statusUrl', 'status_url', 'statusURL', 'pollUrl', 'poll_url', 'pollingUrl', 'polling_url', 'location']
const GROUPS: readonly (readonly [group: string, names: readonly string[]])[] = [
  ['links', ['status', 'self']],
  ['_links', ['status', 'self']],
  ['urls', ['get', 'status']],
]

async function readFromBody(response: HttpResponse): Promise<string | undefined> {
  if (!/json/i.test(response.header('content-type') ?? '')) return undefined
  const text = await response.readBody?.(MAX_SEARCHED_BYTES)
  const parsed = parseJsonObject(text ?? '')
  if ('problem' in parsed) return undefined
  const body = parsed.value
  const groups = GROUPS.flatMap(([group, names]) => (isJsonObject(body[group]) ? findAddress(body[group], names) : []))
  return [...findAddress(body, NAMES), ...groups][0]
}

function findAddress(from: JsonObject, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const found = from[name]
    const address = isJsonObject(found) ? found['href'] : found
    return typeof address === 'string' && address.length <= 8192 && /^(https?:|\/)/i.test(address) ? [address] : []
  })
}

/** Describes a response of the address of a job, without HTTP. */
export function toJobResponse<Native extends object>(
  response: HttpResponse,
  url: string,
  nowSeconds: number,
  door: Pick<JobResponse<Native>, 'discard' | 'hand' | 'watchBody'>,
): JobResponse<Native> {
  const { status, hidden } = response
  const leads = status === 202 || (status >= 300 && status < 400)
  const location = leads ? response.header('location') : null
  const target = location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined
  return {
    status,
    location: hidden ? 'hidden' : target,
    receipt: readReceipt(response),
    pauseMs: readRetryAfter(response, nowSeconds, MAX_PAUSE_MS),
    ...door,
  }
}

/** Headers that belong to the request that was paid, and not to one that asks where its job is. */
export const NOT_OF_A_JOB = [
  'content-encoding',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'range',
]
