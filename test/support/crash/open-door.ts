import ky from 'ky'
import type { Payer } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import type { Door } from './plan.js'
import type { Seams } from './seams.js'

type Call = (url: string, init: Init) => Promise<Pick<Response, 'status' | 'json'>>

type Init = {
  readonly method?: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly x402: { readonly tags: readonly string[]; readonly purchase?: string; readonly purchaseFor?: number }
}

/** Opens one door, which does nothing by itself and hands over every status. */
export async function openDoor(door: Door, client: Payer, seams: Seams): Promise<Call> {
  const watched = seams.wrap('fetch', fetch)
  if (door === 'fetch') return wrapFetchWithPayment(watched, client)
  if (door === 'ky') {
    return wrapKyWithPayment(ky.create({ fetch: watched, retry: 0, timeout: false, throwHttpErrors: false }), client)
  }
  // Most buyers go without, and start sooner.
  const [{ default: axios }, { wrapAxiosWithPayment }] = await Promise.all([
    import('axios'),
    import('../../../src/axios/index.js'),
  ])
  const api = wrapAxiosWithPayment(axios.create({ adapter: 'http', validateStatus: () => true }), client)
  return async (url, { body, ...init }) => {
    const { status, data } = await api.request({ url, ...init, ...(body !== undefined && { data: body }) })
    return { status, json: async () => data }
  }
}
