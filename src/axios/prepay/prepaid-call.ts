import type { AxiosResponse } from 'axios'
import { prepayListed } from '../../client/payer.js'
import { isX402Error } from '../../errors/x402-error.js'
import type { Prepaid } from '../../payment/exchange.js'
import { loadPart } from '../../payment/part.js'
import { type AxiosAnswer, fromResponse } from '../answer.js'
import type { AxiosCall } from '../asked.js'
import { handOver } from '../data.js'
import { type AxiosNative, createPayableRequest } from '../exchange.js'
import { linkSignal } from '../linked-signal.js'
import type { Paying } from '../paying-adapter.js'
import { acceptOrThrow, toRefusal } from '../refusal.js'

/**
 * Pays for a request of axios with its first one, where its price is known.
 *
 * @returns What became of it.
 * @throws An `AxiosError`, as of a request that was asked to pay.
 */
export async function prepay(call: AxiosCall, paying: Paying): Promise<Prepaid<AxiosResponse>> {
  if (!isTakenByAdapter(call)) return undefined
  const { client, paidTimeoutMs, keyedCall, accept } = paying
  const { watchAnswer: watch } = await loadPart(import('../watched-answer.js'))
  const { config } = call
  const { signal, unlink } = linkSignal(config)
  let last: AxiosAnswer | undefined
  const onAnswer = (arrived: AxiosAnswer) => {
    last = arrived
  }
  const own = (native: AxiosNative) =>
    native instanceof Response ? fromResponse(native, config, createStreamLike(call), signal) : native
  try {
    const request = createPayableRequest({ call, signal, paidTimeoutMs, keyedCall, watch, onAnswer })
    const native = await prepayListed(client, request)
    if (native === undefined || isX402Error(native)) return native
    const bought = own(native)
    if (bought.response.status === 202) await accept(bought)
    return await handOver(bought, config, true)
  } catch (error) {
    if (!isX402Error(error)) throw error
    // What a call that this one joined was answered with, if nothing else was.
    const { response } = error
    if (last === undefined && response instanceof Response) {
      last = own(response)
      Object.defineProperty(error, 'response', { value: last, enumerable: false, configurable: true })
    }
    return acceptOrThrow(await toRefusal(error, { last }, config), config)
  } finally {
    unlink()
  }
}

/** Whether the adapter would send it at all, as far as its body tells: what it refuses is refused before anything is signed. */
function isTakenByAdapter({ adapter: { kind }, before }: AxiosCall): boolean {
  const { data, method = 'get', maxBodyLength = -1 } = before
  if (data === undefined || data === null) return true
  const isByFetch = kind === 'fetch' || kind === 'xhr'
  if (isByFetch && ['get', 'head'].includes(method.toLowerCase())) return false
  return maxBodyLength < 0 || maxBodyLength === Number.POSITIVE_INFINITY
}

/** Of Node's `stream`, as much as is used here; `src` imports nothing of Node. */
type Streams = { readonly Readable?: { from(chunks: readonly never[]): unknown } }

/** A stream of the kind that the adapter would have answered with. */
function createStreamLike({ adapter }: AxiosCall): unknown {
  const platform = globalThis as { process?: { getBuiltinModule?(id: string): unknown } }
  if (adapter.kind !== 'http') return undefined
  const streams = platform.process?.getBuiltinModule?.('node:stream') as Streams | undefined // as its name says
  return streams?.Readable?.from([])
}
