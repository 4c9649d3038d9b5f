import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { isX402Error } from '../../../../../src/errors/x402-error.js'
import type { Clock } from '../../../../../src/payment/clock.js'
import { createManualClock, type ManualClock } from '../../../../../src/testing/manual-clock.js'
import { createSpy } from '../permit2/create-spy.js'
import { createPermit2Terms } from '../permit2/permit2-terms.js'
import { startRpc } from '../start-rpc.js'
import { type AllowanceNode, createAllowanceNode } from './create-allowance-node.js'

const declared = { info: { description: 'd', version: '1' }, schema: {} }
const extensions = { eip2612GasSponsoring: declared }

/** A clock whose pauses are over at once, and count. */
type Pausing = ManualClock & { pauses: number; onPause(pause: number): void }

function createPausingClock(): Pausing {
  const clock: Pausing = {
    ...createManualClock(),
    pauses: 0,
    onPause: () => undefined,
    async wait() {
      clock.pauses++
      clock.onPause(clock.pauses)
    },
  }
  return clock
}

/** A wallet in front of a chain on which Permit2 has seen what the test says. */
async function setUp(node: AllowanceNode = {}) {
  const chain = { seen: [] as bigint[], allowance: node.allowance ?? 0n, permitNonce: 3n }
  const isBitmap = (data: unknown) => String(data).startsWith('0x4fe02b44')
  const rpc = await startRpc((call) => {
    const data = Reflect.get(new Object(call.params[0]), 'data')
    if (!isBitmap(data)) return createAllowanceNode({ ...node, ...chain })(call)
    const word = BigInt(`0x${String(data).slice(-64)}`)
    const bits = chain.seen.filter((nonce) => nonce >> 8n === word).reduce((all, one) => all | (1n << (one & 255n)), 0n)
    return `0x${bits.toString(16).padStart(64, '0')}`
  })
  const { signer, asked } = createSpy()
  const options = { rpc: { 'eip155:84532': rpc.url } }
  const schemes = { exact: new ExactEvmScheme(signer, options), upto: new UptoEvmScheme(signer, options) }
  const clock = createPausingClock()
  const pay = async (name: 'exact' | 'upto' = 'exact', context: { clock?: Clock; signal?: AbortSignal } = {}) => {
    const terms = createPermit2Terms(`${name}-permit2`)
    const paid = await schemes[name].createPaymentPayload(2, terms, { extensions, clock, ...context })
    const signed = Reflect.get(paid.payload, 'permit2Authorization')
    const permit = Reflect.get(new Object(Reflect.get(new Object(paid), 'extensions')), 'eip2612GasSponsoring')
    return {
      nonce: BigInt(signed.nonce),
      deadline: Number(signed.deadline),
      permit: permit && { nonce: permit.info.nonce, deadline: Number(permit.info.deadline) },
    }
  }
  /** Settles a payment that had a permit with it. */
  const settle = ({ nonce }: { nonce: bigint }) => {
    chain.seen.push(nonce)
    chain.permitNonce++
  }
  return { rpc, chain, clock, pay, settle, asked }
}

describe('sponsoring: one payment after the other', () => {
  test.each([
    ['exact', 'exact'],
    ['exact', 'upto'],
    ['upto', 'exact'],
  ] as const)('%s then %s: the second permit waits until the first is used, and has the next number', async (a, b) => {
    const { clock, pay, settle } = await setUp()
    const first = await pay(a)
    clock.onPause = (pause) => pause === 3 && settle(first)
    const second = await pay(b)
    expect([first.permit.nonce, second.permit.nonce, clock.pauses]).toEqual(['3', '4', 3])
  })

  test('what waited lives as long as what did not', async () => {
    const { clock, pay, settle } = await setUp()
    const first = await pay()
    clock.onPause = () => {
      clock.advance(20)
      settle(first)
    }
    const second = await pay()
    expect(second.deadline - first.deadline).toBe(20)
    expect(second.permit.deadline).toBe(second.deadline)
  })

  test('an allowance that earlier payments will use up is not relied on', async () => {
    const { chain, clock, pay } = await setUp({ allowance: 10_000n })
    const first = await pay()
    expect(first.permit).toBeUndefined()
    clock.onPause = () => {
      chain.seen.push(first.nonce)
      chain.allowance = 0n
    }
    expect((await pay()).permit).toMatchObject({ nonce: '3' })
    expect(clock.pauses).toBe(1)
  })

  test('an allowance for all of them is relied on at once', async () => {
    const { clock, pay } = await setUp({ allowance: 30_000n })
    const paid = [await pay(), await pay('upto'), await pay()]
    expect(paid.map(({ permit }) => permit)).toEqual([undefined, undefined, undefined])
    expect(clock.pauses).toBe(0)
  })

  test('after half a minute a payment keeps no other waiting', async () => {
    const { clock, pay } = await setUp()
    await pay()
    clock.onPause = () => clock.advance(10)
    expect((await pay()).permit).toMatchObject({ nonce: '3' })
    expect(clock.pauses).toBe(3)
  })

  test('a payment that its wallet refused keeps no other waiting', async () => {
    const { clock, pay, asked } = await setUp()
    const { push } = asked
    asked.push = () => {
      throw new Error('no')
    }
    await expect(pay()).rejects.toThrow('no')
    asked.push = push
    expect((await pay()).permit).toMatchObject({ nonce: '3' })
    expect(clock.pauses).toBe(0)
  })

  test('error: ALLOWANCE_REQUIRED when the payments before it stay on their way, and nothing is signed', async () => {
    const { clock, pay, asked } = await setUp()
    await pay()
    const signed = asked.length
    const error = await pay().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ALLOWANCE_REQUIRED', money: 'untouched' })
    expect(isX402Error(error) && error.facts['because']).toMatch(/one at a time/)
    expect([asked.length, clock.pauses]).toEqual([signed, 70])
  })

  test('an abort ends the wait, and nothing is signed', async () => {
    const { clock, pay, asked } = await setUp()
    await pay()
    const signed = asked.length
    const controller = new AbortController()
    clock.onPause = () => controller.abort(new Error('enough'))
    await expect(pay('exact', { signal: controller.signal })).rejects.toThrow('enough')
    expect([asked.length, clock.pauses]).toEqual([signed, 1])
  })

  test('many at once get one number each', async () => {
    const { clock, pay, settle } = await setUp()
    const paid: Awaited<ReturnType<typeof pay>>[] = []
    clock.wait = () => new Promise((resolve) => setTimeout(resolve, 1))
    const paying = ['exact', 'upto', 'exact', 'upto', 'exact'] as const
    await Promise.all(
      paying.map(async (name) => {
        const one = await pay(name)
        paid.push(one)
        setTimeout(() => settle(one), 2)
      }),
    )
    expect(paid.map(({ permit }) => permit.nonce)).toEqual(['3', '4', '5', '6', '7'])
  })

  test('another wallet waits for nothing', async () => {
    const { pay, rpc } = await setUp()
    await pay()
    const { signer } = createSpy()
    const scheme = new ExactEvmScheme(
      { ...signer, address: `0x${'77'.repeat(20)}` },
      { rpc: { 'eip155:84532': rpc.url } },
    )
    const clock = createPausingClock()
    await scheme.createPaymentPayload(2, createPermit2Terms('exact-permit2'), { extensions, clock })
    expect(clock.pauses).toBe(0)
  })
})
