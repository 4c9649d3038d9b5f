import { type Hex, parseTransaction, recoverTransactionAddress, recoverTypedDataAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { pinned, readVector } from '../../../../support/vectors/read-vector.js'
import { createAllowanceNode } from '../sponsoring/create-allowance-node.js'
import { startRpc } from '../start-rpc.js'
import { createSpy, toJson } from './create-spy.js'
import { createPermit2Terms, type Permit2Vector } from './permit2-terms.js'

/** Signs the terms of a vector as it was made: same time, same randomness, same chain, same extensions. */
async function sign(name: Permit2Vector, options: ExactEvmScheme.Options = {}) {
  const spy = createSpy()
  const { extensionsIn } = readVector(name)
  const scheme = name.startsWith('upto')
    ? new UptoEvmScheme(spy.signer, options)
    : new ExactEvmScheme(spy.signer, options)
  const context = { clock: pinned.clock, random: pinned.random, extensions: extensionsIn as Record<string, unknown> }
  const result = await scheme.createPaymentPayload(2, createPermit2Terms(name), context)
  return { result, ...spy }
}

describe.each<Permit2Vector>(['exact-permit2', 'upto-permit2'])('official vector %s', (name) => {
  test.each(['typed-data', 'hash'] as const)('is signed byte for byte with signing %s', async (signing) => {
    const { result } = await sign(name, { signing })
    expect(toJson(result)).toBe(toJson(readVector(name).result))
  })

  test('asks the signer for exactly what the official client asks for', async () => {
    const { asked } = await sign(name)
    expect(toJson(asked)).toBe(toJson(readVector(name).typedData))
  })

  test('makes a signature that recovers to the payer', async () => {
    const { result, asked, signer } = await sign(name)
    expect(await recover(asked[0], result.payload.signature)).toBe(signer.address)
  })
})

/** Mezo USD has no EIP-3009; `@x402/evm` 2.27. */
const MEZO = { network: 'eip155:31612', asset: '0xdD468A1DDc392dcdbEf6db6e34E89AA338F9F186' } as const

describe('a known token without EIP-3009, whose offer names no way to transfer it', () => {
  const { extra, ...rest } = createPermit2Terms('exact-permit2')
  const silent = { ...rest, ...MEZO, extra: {} }
  const named = { ...rest, ...MEZO, extra: { assetTransferMethod: 'permit2' } }

  test('is paid through Permit2, exactly as where the offer says so', async () => {
    const { signer } = createSpy()
    const scheme = new ExactEvmScheme(signer)
    const { clock, random } = pinned
    const signed = await scheme.createPaymentPayload(2, silent, { clock, random })
    expect(signed.payload).toHaveProperty('permit2Authorization')
    const { payload } = await scheme.createPaymentPayload(2, named, { clock, random })
    expect(Object.keys(payload)).toEqual(Object.keys(signed.payload))
    expect([scheme.refuse(silent), scheme.prepare(silent, {}) instanceof Promise]).toEqual([undefined, true])
    expect(scheme.describe(signed.payload, silent)).toEqual(scheme.describe(signed.payload, named))
    expect(scheme.describe(signed.payload, silent)).toMatchObject({ asset: MEZO.asset, spender: expect.any(String) })
  })

  test('is not paid in protocol 1, which knows no Permit2, nor by EIP-3009 where that is asked for', () => {
    const scheme = new ExactEvmScheme(createSpy().signer)
    const wanted = { ...silent, extra: { assetTransferMethod: 'eip3009' } }
    expect([scheme.refuse(silent, 1), scheme.refuse(wanted)]).toEqual([
      'protocol 1 knows no permit2',
      'its asset has no EIP-3009 and needs permit2',
    ])
    expect(extra).toMatchObject({ assetTransferMethod: 'permit2' })
  })
})

describe('official vector exact-permit2+eip2612', () => {
  const name = 'exact-permit2+eip2612'
  const expected = readVector(name)

  test.each(['typed-data', 'hash'] as const)('is signed byte for byte with signing %s', async (signing) => {
    const { url } = await startRpc(createAllowanceNode())
    const { result } = await sign(name, { rpc: { 'eip155:84532': url }, signing })
    const { x402Version, payload, extensions } = { extensions: undefined, ...result }
    expect({ x402Version, payload, extensions }).toEqual(expected.result)
  })

  test('asks the signer for exactly what the official client asks for, and recovers to the payer', async () => {
    const { url } = await startRpc(createAllowanceNode())
    const { asked, signer } = await sign(name, { rpc: { 'eip155:84532': url } })
    const [permit, payment] = asked
    expect(toJson([payment, permit])).toBe(toJson(expected.typedData))
    const { signature } = readInfo(expected, 'eip2612GasSponsoring')
    expect(await recover(permit, signature)).toBe(signer.address)
  })
})

describe('official vector exact-permit2+erc20Approval', () => {
  const name = 'exact-permit2+erc20Approval'
  const expected = readVector(name)

  test('is signed byte for byte, where the user lets an allowance stand', async () => {
    const { url } = await startRpc(createAllowanceNode())
    const { result } = await sign(name, { rpc: { 'eip155:84532': url }, allowance: 'standing' })
    const { x402Version, payload, extensions } = { extensions: undefined, ...result }
    expect({ x402Version, payload, extensions }).toEqual(expected.result)
  })

  test('is signed with the payment’s amount in place of an allowance without end, where the user says nothing', async () => {
    const { url } = await startRpc(createAllowanceNode())
    const { result, transactions, signer } = await sign(name, { rpc: { 'eip155:84532': url } })
    const { amount, signedTransaction } = readInfo({ result }, 'erc20ApprovalGasSponsoring')
    const official = readInfo(expected, 'erc20ApprovalGasSponsoring')
    const { data, ...rest } = parseTransaction(signedTransaction)
    const { data: unlimited, ...officialRest } = parseTransaction(official.signedTransaction)
    expect(amount).toBe('10000')
    expect(data).toBe(`${unlimited?.slice(0, -64)}${10_000n.toString(16).padStart(64, '0')}`)
    expect(withoutSignature(rest)).toEqual(withoutSignature(officialRest))
    expect(await recoverTransactionAddress({ serializedTransaction: signedTransaction })).toBe(signer.address)
    expect(transactions).toHaveLength(1)
  })
})

function recover(typedData: unknown, signature: Hex): Promise<string> {
  const asked = typedData as Omit<Parameters<typeof recoverTypedDataAddress>[0], 'signature'>
  return recoverTypedDataAddress({ ...asked, signature })
}

function readInfo(
  of: object,
  extension: string,
): { signature: Hex; signedTransaction: `0x02${string}`; amount: string } {
  const result: unknown = Reflect.get(of, 'result')
  const extensions: unknown = Reflect.get(new Object(result), 'extensions')
  return Reflect.get(new Object(Reflect.get(new Object(extensions), extension)), 'info')
}

function withoutSignature({ r: _r, s: _s, yParity: _yParity, v: _v, ...rest }: Record<string, unknown>) {
  return rest
}
