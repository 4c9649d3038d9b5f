import { describe, expect, test } from 'vitest'
import { createEvmRpc, isRefusal } from '../../../../schemes/evm/chain/rpc.js'
import { MAX_RPC_ANSWER_BYTES } from '../../../../schemes/json-rpc/json-rpc.js'
import { isX402Error } from '../../../../src/errors/x402-error.js'
import { act, hang, refuse, startRpc } from './start-rpc.js'

const request = { method: 'eth_chainId' } as const

/** The error of a promise that must reject. */
async function errorOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isX402Error(error)) throw new Error('It threw no error of ours.', { cause: error })
  return error
}

test('createEvmRpc: asks a URL and answers its result', async () => {
  const node = await startRpc(() => '0x14a34')
  expect(await createEvmRpc(`${node.url}/v2/key?token=1`)(request)).toBe('0x14a34')
  expect(node.calls).toMatchObject([{ method: 'eth_chainId', params: [] }])
})

test('createEvmRpc: asks a provider on itself, so that it may be a class', async () => {
  class Provider {
    readonly #answer = '0x1'
    async request({ method }: { method: string }) {
      return `${method} ${this.#answer}`
    }
  }
  expect(await createEvmRpc(new Provider())(request)).toBe('eth_chainId 0x1')
})

test('createEvmRpc: takes null for an answer', async () => {
  const node = await startRpc(() => null)
  expect(await createEvmRpc(node.url)(request)).toBeNull()
})

test('createEvmRpc: asks once more where its connection was closed before an answer, as one is that was idle', async () => {
  let asked = 0
  const node = await startRpc(() => (asked++ === 0 ? act((response) => response.destroy()) : '0x1'))
  expect(await createEvmRpc(node.url)(request)).toBe('0x1')
  expect(node.roundTrips).toBe(2)
})

test('createEvmRpc: asks no third time', async () => {
  const node = await startRpc(() => act((response) => response.destroy()))
  await errorOf(createEvmRpc(node.url)(request))
  expect(node.roundTrips).toBe(2)
})

test.each<[what: string, answer: () => unknown, reason: RegExp]>([
  ['answers with status 429', () => act((response) => response.writeHead(429).end('{"result":"0x1"}')), /status 429/],
  ['answers with status 500', () => act((response) => response.writeHead(500).end()), /status 500/],
  ['answers no JSON', () => act((response) => response.end('<html>')), /not a JSON object/],
  ['answers an array', () => act((response) => response.end('[]')), /not a JSON object/],
  ['answers nothing', () => act((response) => response.end()), /not a JSON object/],
  ['answers without a result', () => act((response) => response.end('{}')), /no result/],
  ['closes the socket', () => act((response) => response.destroy()), /TypeError/],
  [
    'redirects elsewhere',
    () => act((response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()),
    /TypeError/,
  ],
  ['answers too much', () => act((response) => response.end(' '.repeat(MAX_RPC_ANSWER_BYTES + 1))), /is longer than/],
])('error: RPC_FAILED when a node %s', async (_what, answer, reason) => {
  const node = await startRpc(answer)
  const error = await errorOf(createEvmRpc(node.url)(request))
  expect(error).toMatchObject({ code: 'RPC_FAILED', facts: { reason: expect.stringMatching(reason) } })
  expect(isRefusal(error)).toBe(false)
})

test.each<[what: string, answer: () => unknown]>([
  ['never answers', hang],
  ['stops in the middle', () => act((response) => response.write('{"result":'))],
])('error: RPC_FAILED when a node %s, once its time is over', async (_what, answer) => {
  const node = await startRpc(answer)
  const error = await errorOf(createEvmRpc(node.url, 100)(request))
  expect(error).toMatchObject({ code: 'RPC_FAILED', facts: { reason: 'TimeoutError' } })
  expect(isRefusal(error)).toBe(false)
})

test('error: RPC_REFUSED when a node says no, without its words', async () => {
  const node = await startRpc(() => refuse(-32_005, 'the key secret-1 has no credit'))
  const error = await errorOf(createEvmRpc(node.url)(request))
  expect(error).toMatchObject({ code: 'RPC_REFUSED', facts: { code: '-32005' } })
  expect(error.message).not.toContain('secret')
  expect(isRefusal(error)).toBe(true)
})

describe('a provider', () => {
  test('error: RPC_REFUSED when it rejects with a code', async () => {
    const request_ = async () => Promise.reject(Object.assign(new Error('no'), { code: 4100 }))
    expect(isRefusal(await errorOf(createEvmRpc({ request: request_ })(request)))).toBe(true)
  })

  test.each<[what: string, answer: () => Promise<unknown>]>([
    ['rejects without a code', async () => Promise.reject(new Error('https://node.example/secret'))],
    ['rejects with nothing', async () => Promise.reject(undefined)],
    [
      'throws at once',
      () => {
        throw new TypeError('https://node.example/secret')
      },
    ],
    ['never answers', () => new Promise(() => undefined)],
  ])('error: RPC_FAILED when it %s', async (_what, answer) => {
    const error = await errorOf(createEvmRpc({ request: answer }, 50)(request))
    expect(error).toMatchObject({ code: 'RPC_FAILED' })
    expect(error.cause).toBeUndefined()
    expect(error.message).not.toContain('secret')
  })
})

test('createEvmRpc: names the host of a URL in its errors, and nothing that could be a key', async () => {
  const error = await errorOf(createEvmRpc('http://127.0.0.1:1/v2/secret-path?key=secret-query#secret-hash')(request))
  expect(error.facts['source']).toBe('127.0.0.1:1')
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('secret')
  expect(error.cause).toBeUndefined()
})
