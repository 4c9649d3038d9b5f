import {
  AccountRole,
  type Address,
  appendTransactionMessageInstruction,
  type BaseTransactionMessage,
  createKeyPairSignerFromPrivateKeyBytes,
  getBase64Encoder,
  getTransactionDecoder,
  type Instruction,
  type TransactionModifyingSigner,
} from '@solana/kit'
import { describe, expect, test } from 'vitest'
import { findTokenAccount } from '../../../../../schemes/svm/address.js'
import { ExactSvmScheme } from '../../../../../schemes/svm/index.js'
import { TOKEN_PROGRAM } from '../../../../../schemes/svm/programs.js'
import { createGuardingWallet } from '../../../../support/chain/svm/create-guarding-wallet.js'
import { BLOCKHASH, createTerms, FEE_PAYER, PAYER, SEED } from './terms.js'

const LIGHTHOUSE = 'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95' as Address
const TOKEN = TOKEN_PROGRAM as Address
const payer = PAYER as Address
const stranger = '8n7Yx8kXnT1ZbUDQp2cq1oS9qKQzJmJzTzYJq5r6kG3h' as Address
const { asset, payTo } = createTerms()
const source = findTokenAccount(PAYER, TOKEN_PROGRAM, asset) as Address

type Message = BaseTransactionMessage & { feePayer?: unknown; lifetimeConstraint?: unknown }

const guard = (accounts: Instruction['accounts'] = [{ address: source, role: AccountRole.READONLY }]): Instruction => ({
  programAddress: LIGHTHOUSE,
  accounts,
  data: Uint8Array.of(1, 2, 3),
})
const add =
  (...instructions: Instruction[]) =>
  (message: Message) =>
    instructions.reduce((all, one) => appendTransactionMessageInstruction(one, all as never), message) as Message
/** Replaces one instruction; 0 is the limit, 1 the price, 2 the transfer, 3 the memo. */
const replace = (index: number, changes: Partial<Instruction>) => (message: Message) => ({
  ...message,
  instructions: message.instructions.map((one, place) => (place === index ? { ...one, ...changes } : one)),
})
const transferOf = (amount: bigint) => {
  const data = new Uint8Array(10)
  data[0] = 12
  new DataView(data.buffer).setBigUint64(1, amount, true)
  data[9] = 6
  return data
}
const price = (microLamports: number) => {
  const data = new Uint8Array(9)
  data[0] = 3
  new DataView(data.buffer).setUint32(1, microLamports, true)
  return { data }
}
const accountsOf = ({ instructions }: Message, index: number) => [...(instructions[index]?.accounts ?? [])]

async function signWith(change: (message: Message) => Message) {
  const wallet = createGuardingWallet(await createKeyPairSignerFromPrivateKeyBytes(SEED), change as never)
  return sign(wallet)
}

async function sign(wallet: TransactionModifyingSigner) {
  const scheme = new ExactSvmScheme(wallet, { rpc: {} })
  const { payload } = await scheme.createPaymentPayload(2, createTerms())
  return { payload, described: scheme.describe(payload, createTerms()) }
}

describe('a wallet that adds guards', () => {
  test.each<[what: string, change: (message: Message) => Message]>([
    ['none', (message) => message],
    ['one', add(guard())],
    ['two', add(guard(), guard())],
    ['three, as many as facilitators take', add(guard(), guard(), guard())],
    ['another compute unit limit', replace(0, { data: Uint8Array.of(2, 0, 0, 2, 0) })],
    ['the highest price that facilitators take', replace(1, price(5_000_000))],
  ])('createPaymentPayload: takes %s, and what leaves is what the wallet signed', async (_what, change) => {
    const { payload, described } = await signWith(change)
    expect(described).toMatchObject({ payer: PAYER, payTo: payTo, asset, amount: 1_000n })
    const { signatures } = getTransactionDecoder().decode(getBase64Encoder().encode(payload.transaction))
    expect(signatures[payer]).toHaveLength(64)
    expect(signatures[FEE_PAYER as Address]).toBeNull()
  })
})

describe('a wallet that changes the payment', () => {
  const transfer = (changes: Partial<Instruction> = {}): Instruction => ({
    programAddress: TOKEN,
    accounts: [
      { address: source, role: AccountRole.WRITABLE },
      { address: asset as Address, role: AccountRole.READONLY },
      { address: stranger, role: AccountRole.WRITABLE },
      { address: payer, role: AccountRole.READONLY_SIGNER },
    ],
    data: transferOf(1_000n),
    ...changes,
  })
  test.each<[what: string, change: (message: Message) => Message]>([
    ['a second transfer', add(transfer())],
    ['a transfer of lamports', add(transfer({ programAddress: '1'.repeat(32) as Address }))],
    ['a program that nobody knows', add({ programAddress: stranger, data: new Uint8Array(1) })],
    ['a second memo', (message) => add(message.instructions[3] as Instruction)(message)],
    ['a fourth guard', add(guard(), guard(), guard(), guard())],
    ['a guard that writes', add(guard([{ address: stranger, role: AccountRole.WRITABLE }]))],
    ['a guard that the buyer pays for', add(guard([{ address: payer, role: AccountRole.WRITABLE_SIGNER }]))],
    ['a guard that uses the fee payer', add(guard([{ address: FEE_PAYER as Address, role: AccountRole.READONLY }]))],
    ['a third signer', add(guard([{ address: stranger, role: AccountRole.READONLY_SIGNER }]))],
    ['another amount', replace(2, { data: transferOf(1_001n) })],
    ['other decimals', replace(2, { data: Uint8Array.of(...transferOf(1_000n).slice(0, 9), 9) })],
    [
      'another destination',
      (message) => {
        const [from, mint, , owner] = accountsOf(message, 2)
        const accounts = [from, mint, { address: stranger, role: AccountRole.WRITABLE }, owner]
        return replace(2, { accounts: accounts as NonNullable<Instruction['accounts']> })(message)
      },
    ],
    [
      'another mint',
      (message) => {
        const [from, , to, owner] = accountsOf(message, 2)
        const accounts = [from, { address: stranger, role: AccountRole.READONLY }, to, owner]
        return replace(2, { accounts: accounts as NonNullable<Instruction['accounts']> })(message)
      },
    ],
    ['another memo', replace(3, { data: new TextEncoder().encode('mine') })],
    ['no memo', (message) => ({ ...message, instructions: message.instructions.slice(0, 3) })],
    ['another token program', replace(2, { programAddress: 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb' as Address })],
    ['a price that no facilitator takes', replace(1, price(5_000_001))],
    ['no price', (message) => ({ ...message, instructions: message.instructions.filter((_, index) => index !== 1) })],
    ['another order', (message) => ({ ...message, instructions: [...message.instructions].reverse() })],
    ['another fee payer', (message) => ({ ...message, feePayer: { address: stranger } })],
    [
      'another blockhash',
      (message) => ({
        ...message,
        lifetimeConstraint: { blockhash: BLOCKHASH.replace('E', 'F'), lastValidBlockHeight: 0n },
      }),
    ],
  ])('TRANSACTION_CHANGED: is thrown for %s, and nothing leaves', async (_what, change) => {
    await expect(signWith(change)).rejects.toMatchObject({ code: 'TRANSACTION_CHANGED', money: 'untouched' })
  })

  test('TRANSACTION_CHANGED: is thrown for an answer without a message, and for bytes that are none', async () => {
    const answer = (messageBytes: unknown) =>
      sign({
        address: payer,
        modifyAndSignTransactions: async () =>
          [{ messageBytes, signatures: { [payer]: new Uint8Array(64).fill(1) } }] as never,
      })
    for (const bytes of [undefined, new Uint8Array(0), new Uint8Array(300).fill(0x80)]) {
      await expect(answer(bytes)).rejects.toMatchObject({ code: 'TRANSACTION_CHANGED' })
    }
  })
})
