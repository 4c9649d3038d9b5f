import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from './listen.js'

/** What a node tells in place of the truth: of each method that it lies about, by what it was asked and what is true. */
export type Lies = Readonly<Record<string, (truth: unknown, params: readonly unknown[]) => unknown>>

/** A node of a real chain that lies as soon as it is told to. */
export type Liar = { readonly url: string; lies: Lies }

/** Opens a node in front of another, until the test is over. It tells the truth but for its lies. */
export async function openLiar(honest: string): Promise<Liar> {
  const liar: { lies: Lies } = { lies: {} }
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const answer = await fetch(honest, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const said: unknown = await answer.json()
    const asked: Question[] = [JSON.parse(body)].flat()
    const told = [said].flat().map((one) => {
      const { method, params = [] } = asked.find(({ id }) => id === Reflect.get(new Object(one), 'id')) ?? {
        method: '',
      }
      const lie = liar.lies[method]
      return lie === undefined
        ? one
        : {
            jsonrpc: '2.0',
            id: Reflect.get(new Object(one), 'id'),
            result: lie(Reflect.get(new Object(one), 'result'), params),
          }
    })
    response.end(JSON.stringify(Array.isArray(said) ? told : told[0]))
  })
  const { url, stop } = await listen(server)
  onTestFinished(stop)
  return Object.assign(liar, { url })
}

type Question = { id: number; method: string; params?: readonly unknown[] }

/** A node of an EVM chain where no nonce was ever used, and whose final block is of a far future. */
export const everythingIsDead: Lies = {
  eth_call: () => `0x${'0'.repeat(64)}`,
  eth_getBlockByNumber: (block) => ({ ...new Object(block), timestamp: '0xffffffff' }),
  eth_getLogs: () => [],
}

/** A node of a Solana cluster that shows no transaction, and is far ahead. */
export const nothingLanded: Lies = {
  getEpochInfo: (info) => ({ ...new Object(info), blockHeight: 1_000_000_000 }),
  getSignaturesForAddress: () => [],
}
