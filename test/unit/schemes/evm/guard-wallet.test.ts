import { ExactEvmScheme as OfficialExact } from '@x402/evm/exact/client'
import { UptoEvmScheme as OfficialUpto } from '@x402/evm/upto/client'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme, type TypedData } from '../../../../schemes/evm/index.js'
import { type Approved, findDifferences, TRANSFER } from '../../../../schemes/evm/wallet/differences.js'
import { guardWallet } from '../../../../schemes/evm/wallet/guard.js'
import { CANCELLATION, PERMIT2_RULES } from '../../../../schemes/evm/wallet/rare-rules.js'
import type { PaymentRequirements } from '../../../../src/wire/requirements.js'
import { pinned } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const STRANGER = '0x6666666666666666666666666666666666666666'
const facilitatorAddress = '0x1234567890123456789012345678901234567890'

const exact = createTerms()
const permit2 = createTerms({ extra: { assetTransferMethod: 'permit2', name: 'USDC', version: '2' } })
const upto = createTerms({ scheme: 'upto', extra: { assetTransferMethod: 'permit2', facilitatorAddress } })
const farFuture = 2 ** 40

/** Every struct that pays, so that each is told from the others. */
const RULES = [TRANSFER, ...PERMIT2_RULES]

/** What one scheme asks its wallet for. */
async function capture(
  create: (signer: { address: `0x${string}`; signTypedData(asked: never): Promise<`0x${string}`> }) => {
    createPaymentPayload(version: number, requirements: PaymentRequirements, context?: never): Promise<unknown>
  },
  requirements: PaymentRequirements,
  context?: unknown,
): Promise<TypedData[]> {
  const asked: TypedData[] = []
  const signer = {
    address: account.address,
    async signTypedData(typedData: TypedData): Promise<`0x${string}`> {
      asked.push(structuredClone(typedData))
      return `0x${'ab'.repeat(65)}`
    },
    readContract: async () => 0n,
  }
  await create(signer).createPaymentPayload(2, requirements, context as never)
  return asked
}

/** Every kind of payment, as the official client or our own builds it. */
const payments: [kind: string, requirements: PaymentRequirements, asked: TypedData][] = []
const [transfer] = await capture((signer) => new ExactEvmScheme(signer), exact, pinned)
const [permit2Transfer, permit] = await capture((signer) => new OfficialExact(signer), permit2, {
  extensions: { eip2612GasSponsoring: {} },
})
const [uptoTransfer] = await capture((signer) => new OfficialUpto(signer), upto)
for (const [kind, requirements, asked] of [
  ['TransferWithAuthorization', exact, transfer],
  ['PermitWitnessTransferFrom', permit2, permit2Transfer],
  ['Permit', permit2, permit],
  ['PermitWitnessTransferFrom of upto', upto, uptoTransfer],
] as const) {
  if (asked === undefined) throw new Error(`nothing was asked for ${kind}`)
  payments.push([kind, requirements, asked])
}

/** A wallet that signs anything, and keeps what it was asked. */
function createWallet() {
  const asked: TypedData[] = []
  const signUnchecked = async (typedData: TypedData) => {
    asked.push(typedData)
    return '0x01' as const
  }
  return { asked, wallet: { address: account.address, signUnchecked } }
}

/** Paths of every value in an object that isn't an object itself. */
function leavesOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    typeof child === 'object' && child !== null ? leavesOf(child, `${path}${key}.`) : [`${path}${key}`],
  )
}

function change(typedData: TypedData, path: string, to: (value: unknown) => unknown): TypedData {
  const changed = structuredClone(typedData)
  const keys = path.split('.')
  const owner = keys.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key), changed)
  const key = keys.at(-1) ?? ''
  Reflect.set(owner, key, to(Reflect.get(owner, key)))
  return changed
}

const other = (value: unknown) => {
  if (typeof value === 'bigint') return value + 1n
  if (typeof value === 'number') return value + 1
  return /^0x[0-9a-fA-F]{40}$/.test(String(value)) ? STRANGER : `${String(value)}0`
}

/** What a payment may say as it likes: its nonce, its start, and the words of a domain, which make it worthless at most. */
const FREE = /nonce|validAfter|^domain\.(name|version)$/

describe.each(payments)('guardWallet: %s', (_kind, requirements, typedData) => {
  const approved: Approved = { requirements, latestSeconds: farFuture }

  it('is signed when it says what was approved, from a frozen copy', async () => {
    const { asked, wallet } = createWallet()
    expect(await guardWallet(wallet, approved, RULES).sign(typedData)).toBe('0x01')
    expect(asked).toEqual([typedData])
    expect(asked[0]).not.toBe(typedData)
    expect(Object.isFrozen(asked[0]) && Object.isFrozen(asked[0]?.message) && Object.isFrozen(asked[0]?.domain)).toBe(
      true,
    )
  })

  const leaves = leavesOf(typedData).filter((path) => !FREE.test(path) || path.startsWith('types'))
  it.each(leaves)('error: ASKED_OTHER_TERMS when %s was changed, and the wallet is not asked', async (path) => {
    const { asked, wallet } = createWallet()
    const changed = path === 'message.deadline' || path === 'message.validBefore' ? BigInt(farFuture) + 1n : undefined
    const signing = guardWallet(wallet, approved, RULES).sign(
      change(typedData, path, changed === undefined ? other : () => changed),
    )
    await expect(signing).rejects.toMatchObject({ code: 'ASKED_OTHER_TERMS', money: 'untouched' })
    expect(asked).toEqual([])
  })

  it('error: ASKED_OTHER_TERMS when it outlives what was approved by a second', async () => {
    const end = typedData.message['deadline'] ?? typedData.message['validBefore']
    const at = (latestSeconds: number) =>
      findDifferences(typedData, { requirements, latestSeconds }, account.address, RULES)
    expect(at(Number(end))).toEqual([])
    expect(at(Number(end) - 1)).toEqual(['how long it is valid'])
  })

  it('error: ASKED_OTHER_TERMS when a cancellation was approved', async () => {
    const guarded = guardWallet(createWallet().wallet, { requirements, cancels: `0x${'a0'.repeat(32)}` }, [
      CANCELLATION,
    ])
    await expect(guarded.sign(typedData)).rejects.toMatchObject({ code: 'ASKED_OTHER_TERMS' })
  })
})

describe('guardWallet', () => {
  const [, , typedData] = payments[0] ?? []
  const sign = (changes: object, approved: Approved = { requirements: exact, latestSeconds: farFuture }) =>
    guardWallet(createWallet().wallet, approved, RULES).sign(
      Object.assign(structuredClone(typedData) ?? {}, changes) as TypedData,
    )

  it.each([
    ['Transfer', { primaryType: 'Transfer', types: { Transfer: [{ name: 'to', type: 'address' }] } }],
    ['nothing', { types: {} }],
    ['nonsense', { types: { TransferWithAuthorization: [null] } }],
    [
      'a struct under the name of a plain type',
      { types: { ...payments[0]?.[2].types, address: [{ name: 'to', type: 'uint256' }] } },
    ],
    ['a struct beside it', { types: { ...payments[0]?.[2].types, Other: [{ name: 'to', type: 'address' }] } }],
    ['another domain', { types: { ...payments[0]?.[2].types, EIP712Domain: [{ name: 'name', type: 'string' }] } }],
    ['a type that is inherited', { types: Object.create(payments[0]?.[2].types ?? {}) }],
    [
      'a type that holds itself',
      { types: { TransferWithAuthorization: [{ name: 'a', type: 'TransferWithAuthorization' }] } },
    ],
    ['a list', { message: [] }],
  ])('error: ASKED_OTHER_TERMS when what is signed is %s', async (_what, changes) => {
    await expect(sign(changes)).rejects.toMatchObject({ code: 'ASKED_OTHER_TERMS' })
  })

  it('names what differs', async () => {
    const message = { ...typedData?.message, to: STRANGER, value: 1n }
    const domain = { ...typedData?.domain, chainId: 1 }
    await expect(sign({ message, domain })).rejects.toThrow(
      'Refused to ask the wallet: the network, the payTo, the amount is not what was approved.',
    )
  })

  it('holds `exact` to the proxy of exact, and `upto` to that of upto', () => {
    const [, ourPermit2, , ourUpto] = payments
    const swapped = [
      findDifferences(
        ourUpto?.[2] as TypedData,
        { requirements: permit2, latestSeconds: farFuture },
        account.address,
        RULES,
      ),
      findDifferences(
        ourPermit2?.[2] as TypedData,
        { requirements: upto, latestSeconds: farFuture },
        account.address,
        RULES,
      ),
    ]
    expect(swapped).toEqual([['what is signed'], ['what is signed']])
  })

  it('holds `upto` to whom the offer names, and signs none that names nobody', () => {
    const nobody = createTerms({ scheme: 'upto', extra: { assetTransferMethod: 'permit2' } })
    const differences = [upto, nobody].map((requirements) =>
      findDifferences(
        payments[3]?.[2] as TypedData,
        { requirements, latestSeconds: farFuture },
        account.address,
        RULES,
      ),
    )
    expect(differences).toEqual([[], ['who settles']])
  })

  it('holds the terms as they were when it was made', async () => {
    const requirements = createTerms()
    const { wallet } = createWallet()
    const guarded = guardWallet(wallet, { requirements, latestSeconds: farFuture }, RULES)
    requirements.payTo = STRANGER
    expect(await guarded.sign(typedData as TypedData)).toBe('0x01')
  })

  it('signs what it compared, of an object that answers otherwise the second time', async () => {
    const { asked, wallet } = createWallet()
    let reads = 0
    const message = { ...typedData?.message }
    Object.defineProperty(message, 'to', { enumerable: true, get: () => (reads++ === 0 ? exact.payTo : STRANGER) })
    await guardWallet(wallet, { requirements: exact, latestSeconds: farFuture }).sign({
      ...(typedData as TypedData),
      message,
    })
    expect(asked[0]?.message['to']).toBe(exact.payTo)
  })
})
