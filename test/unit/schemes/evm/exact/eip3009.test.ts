import { recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, type TypedData } from '../../../../../schemes/evm/index.js'
import { MAX_VALIDITY_SECONDS } from '../../../../../src/payment/scheme.js'
import { pinned, readVector } from '../../../../support/vectors/read-vector.js'
import { authorizationOf } from './authorization-of.js'
import { createTerms } from './terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const context = { clock: pinned.clock, random: pinned.random }

/** A signer that keeps what it was asked to sign. */
function createSpy() {
  const asked: TypedData[] = []
  const signTypedData = (typedData: TypedData) => {
    asked.push(typedData)
    return account.signTypedData(typedData)
  }
  return { asked, signer: { address: account.address, signTypedData } }
}

/** Bigints as the vectors write them. */
const toJson = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))

describe.each([
  { version: 1, vector: readVector('v1-exact-evm') },
  { version: 2, vector: readVector('exact-eip3009') },
])('official vector $vector.name', ({ version, vector }) => {
  test.each(['typed-data', 'hash'] as const)(
    'ExactEvmScheme: signs it byte for byte with signing %s',
    async (signing) => {
      const scheme = new ExactEvmScheme(account, { signing })
      const result = await scheme.createPaymentPayload(version, createTerms(), context)
      expect(toJson(result.payload)).toBe(toJson(vector.result?.payload))
      expect(result.x402Version).toBe(version)
    },
  )

  test('ExactEvmScheme: asks the signer for exactly what the official client asks for', async () => {
    const { asked, signer } = createSpy()
    await new ExactEvmScheme(signer).createPaymentPayload(version, createTerms(), context)
    expect(toJson(asked)).toBe(toJson(vector.typedData))
  })

  test('ExactEvmScheme: makes a signature that recovers to the payer', async () => {
    const { asked, signer } = createSpy()
    const scheme = new ExactEvmScheme(signer)
    const { payload } = await scheme.createPaymentPayload(version, createTerms(), context)
    const [typedData] = asked
    if (typedData === undefined) throw new Error('The signer was not asked.')
    expect(await recoverTypedDataAddress({ ...typedData, signature: payload.signature })).toBe(scheme.payer)
  })
})

describe('ExactEvmScheme: lets an authorization live', () => {
  const validBefore = async (terms: Record<string, unknown>, maxValiditySeconds?: number) => {
    const limit = maxValiditySeconds === undefined ? {} : { maxValiditySeconds }
    const scheme = new ExactEvmScheme(account)
    const { payload } = await scheme.createPaymentPayload(2, createTerms(terms), { ...context, ...limit })
    return Number(authorizationOf(payload).validBefore) - pinned.nowSeconds
  }

  test('as long as the seller wants, up to the ceiling', async () => {
    expect(await validBefore({ maxTimeoutSeconds: 599 })).toBe(599)
  })

  test('never longer than the ceiling, whatever the seller wants', async () => {
    expect(await validBefore({ maxTimeoutSeconds: 86_400 })).toBe(MAX_VALIDITY_SECONDS)
  })

  test('shorter, when the client says so', async () => {
    expect(await validBefore({ maxTimeoutSeconds: 300 }, 30)).toBe(30)
  })

  test('never longer than the ceiling, whatever the client says', async () => {
    expect(await validBefore({ maxTimeoutSeconds: 86_400 }, 7_200)).toBe(MAX_VALIDITY_SECONDS)
  })
})

test('ExactEvmScheme: rounds a clock of fractions down', async () => {
  const clock = { ...pinned.clock, nowSeconds: () => pinned.nowSeconds + 0.9 }
  const { payload } = await new ExactEvmScheme(account).createPaymentPayload(1, createTerms(), { ...context, clock })
  expect(authorizationOf(payload).validBefore).toBe(String(pinned.nowSeconds + 60))
})

test('ExactEvmScheme: takes a new nonce for every payment, when left to itself', async () => {
  const scheme = new ExactEvmScheme(account)
  const [first, second] = await Promise.all([
    scheme.createPaymentPayload(2, createTerms()),
    scheme.createPaymentPayload(2, createTerms()),
  ])
  expect(authorizationOf(first.payload).nonce).not.toBe(authorizationOf(second.payload).nonce)
})

test('ExactEvmScheme: writes addresses with their checksum, however the seller wrote them', async () => {
  const { asset, payTo } = createTerms()
  const shouted = { asset: asset.toLowerCase(), payTo: `0x${payTo.slice(2).toUpperCase()}` }
  const { asked, signer } = createSpy()
  const { payload } = await new ExactEvmScheme(signer).createPaymentPayload(2, createTerms(shouted), context)
  expect(asked[0]?.domain.verifyingContract).toBe(asset)
  expect(authorizationOf(payload).to).toBe(payTo)
})

test.each([{}, { name: 'USDC' }, { version: '2' }])(
  'ExactEvmScheme: fills in the domain of a known token, when the seller says only %j',
  async (extra) => {
    const { payload } = await new ExactEvmScheme(account).createPaymentPayload(2, createTerms({ extra }), context)
    expect(payload.signature).toBe(readVector('exact-eip3009').result?.payload['signature'])
  },
)

test.each([31, 33, 0])('error: INVALID_OPTION when the random source gives %i bytes', async (length) => {
  const { asked, signer } = createSpy()
  const paying = new ExactEvmScheme(signer).createPaymentPayload(2, createTerms(), {
    ...context,
    random: () => new Uint8Array(length),
  })
  await expect(paying).rejects.toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
  expect(asked).toEqual([])
})

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('error: INVALID_OPTION when the clock says %d', async (now) => {
  const { asked, signer } = createSpy()
  const clock = { ...pinned.clock, nowSeconds: () => now }
  const paying = new ExactEvmScheme(signer).createPaymentPayload(2, createTerms({ maxTimeoutSeconds: 1 }), {
    ...context,
    clock,
    maxValiditySeconds: 0,
  })
  await expect(paying).rejects.toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
  expect(asked).toEqual([])
})
