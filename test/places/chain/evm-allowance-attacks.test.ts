import { x402ExactPermit2ProxyABI, x402UptoPermit2ProxyABI } from '@x402/evm'
import { type Address, type Hex, maxUint256, parseAbi, parseEther, parseSignature, parseTransaction } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Permit2Payload } from '../../../schemes/evm/permit2/signature.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import type { PaymentPayload } from '../../../src/wire/payload.js'
import { permit2Addresses, plainToken } from '../../support/chain/deploy-permit2.js'
import { testUsdAbi } from '../../support/chain/test-usd-abi.js'
import { askToPay } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { createPermit2Buyer } from './create-permit2-buyer.js'
import { openPermit2Place, type Permit2Place } from './open-permit2-place.js'

const { permit2, exactProxy, uptoProxy } = permit2Addresses

const allowanceAbi = parseAbi([
  'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
  'function transferFrom(address from, address to, uint256 amount) returns (bool)',
])
const permit2Abi = parseAbi(['function transferFrom(address from, address to, uint160 amount, address token)'])

let chain: Permit2Place['chain']
let seller: Permit2Place['seller']
openPermit2Place((place) => {
  chain = place.chain
  seller = place.seller
})

/** A buyer, a seller that keeps what it is paid with, and what it holds after one payment. */
async function holdOne(path: string, allowance?: 'exact' | 'standing') {
  const ledger = createMemoryLedger()
  const buyer = await createPermit2Buyer(chain, { allowance, client: { ledger } })
  const terms = await fetch(`${seller.url}${path}`)
  const required: object = JSON.parse(Buffer.from(terms.headers.get('payment-required') ?? '', 'base64').toString())
  const held: PaymentPayload[] = []
  const keeper = await openSeller(({ payment }, response) => {
    if (payment === undefined) return askToPay(response, required)
    held.push(payment)
    response.end('kept')
  })
  await buyer.fetch(keeper.url)
  const [payment] = held
  if (payment === undefined) throw new Error('nothing was paid')
  const [record] = await readAll(ledger)
  const counted = record?.charges.find(({ unit }) => unit.startsWith(chain.network))?.amount ?? 0n
  return { buyer, payment, counted, allowances: record?.allowances ?? [] }
}

type Held = Awaited<ReturnType<typeof holdOne>>

/** What the seller was given beside the payment. */
function infoOf({ payment }: Held, by: string): Record<string, string> {
  return Reflect.get(new Object(payment.extensions?.[by]), 'info')
}

/** Uses the allowance by itself, without the payment: as the extension says, or by anyone who holds it. */
async function useAllowance(held: Held): Promise<void> {
  const permit = infoOf(held, 'eip2612GasSponsoring')
  if (permit !== undefined) {
    const { r, s, yParity } = parseSignature(permit['signature'] as Hex)
    const value = BigInt(permit['amount'] ?? 0)
    const args = [held.buyer.owner, permit2, value, BigInt(permit['deadline'] ?? 0), 27 + yParity, r, s] as const
    await mine(
      chain.facilitator.writeContract({ address: chain.usdc, abi: allowanceAbi, functionName: 'permit', args }),
    )
    return
  }
  const { signedTransaction } = infoOf(held, 'erc20ApprovalGasSponsoring')
  const serializedTransaction = signedTransaction as `0x02${string}` // as the extension has it
  const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(serializedTransaction)
  expect(gas * maxFeePerGas).toBeLessThan(parseEther('0.035'))
  await mine(chain.facilitator.sendTransaction({ to: held.buyer.owner, data: '0x', value: gas * maxFeePerGas }))
  await mine(chain.publicClient.sendRawTransaction({ serializedTransaction }))
}

async function mine(sending: Promise<Hex>): Promise<void> {
  const { status } = await chain.publicClient.waitForTransactionReceipt({ hash: await sending })
  if (status !== 'success') throw new Error('reverted')
}

/** Every way to take more, to take it elsewhere or to take it twice that one who holds all of it could try. */
function listThefts({ buyer, payment }: Held, token: Address): Record<string, () => Promise<void>> {
  const thief = privateKeyToAccount(generatePrivateKey()).address
  const { permit2Authorization: signed, signature } = payment.payload as Permit2Payload
  const { permitted, nonce, deadline, witness } = signed
  const { owner } = buyer
  const settle = (amount: bigint, to: Address, number = BigInt(nonce)) => {
    const permit = { permitted: { token, amount }, nonce: number, deadline: BigInt(deadline) }
    const validAfter = BigInt(witness.validAfter)
    const { facilitator } = witness
    return mine(
      facilitator === undefined
        ? chain.facilitator.writeContract({
            address: exactProxy,
            abi: x402ExactPermit2ProxyABI,
            functionName: 'settle',
            args: [permit, owner, { to, validAfter }, signature],
          })
        : chain.facilitator.writeContract({
            address: uptoProxy,
            abi: x402UptoPermit2ProxyABI,
            functionName: 'settle',
            args: [permit, amount, owner, { to, facilitator, validAfter }, signature],
          }),
    )
  }
  const signedAmount = BigInt(permitted.amount)
  return {
    'from the token itself': () =>
      mine(
        chain.facilitator.writeContract({
          address: token,
          abi: allowanceAbi,
          functionName: 'transferFrom',
          args: [owner, thief, 1n],
        }),
      ),
    'through Permit2 without a signature': () =>
      mine(
        chain.facilitator.writeContract({
          address: permit2,
          abi: permit2Abi,
          functionName: 'transferFrom',
          args: [owner, thief, 1n, token],
        }),
      ),
    'to another': () => settle(signedAmount, thief),
    'more of it': () => settle(signedAmount + 1n, witness.to),
    'by another number': () => settle(signedAmount, witness.to, BigInt(nonce) + 1n),
    'once as it was signed': () => settle(signedAmount, witness.to),
    'a second time': () => settle(signedAmount, witness.to),
  }
}

const balanceOf = (token: Address, owner: Address) =>
  chain.publicClient.readContract({ address: token, abi: testUsdAbi, functionName: 'balanceOf', args: [owner] })

describe('attack: a seller holds a payment and the allowance that was signed with it', () => {
  test.each<[what: string, path: string, allowance: 'exact' | 'standing', isPlain: boolean, most: bigint]>([
    ['a permit', '/exact/permit', 'exact', false, 10_000n],
    ['a permit, for a maximum', '/upto/permit', 'exact', false, 10_000n],
    ['an approval for the price', '/plain/approval', 'exact', true, 10_000n],
    ['an approval without end', '/plain/approval', 'standing', true, maxUint256],
  ])('%s: it takes what the ledger counts, once, and nothing else', async (_what, path, allowance, isPlain, most) => {
    const token = isPlain ? plainToken : chain.usdc
    const held = await holdOne(path, allowance)
    const { buyer, counted, allowances } = held
    // What was signed is shown, to the one spender that takes nothing without another signature.
    expect(allowances).toMatchObject([{ asset: token, spender: permit2, amount: String(most) }])
    await useAllowance(held)
    expect(await buyer.allowance(token)).toBe(most)

    const before = await balanceOf(token, buyer.owner)
    const worked: string[] = []
    for (const [how, steal] of Object.entries(listThefts(held, token))) {
      await steal().then(
        () => worked.push(how),
        () => undefined,
      )
    }
    expect(worked).toEqual(['once as it was signed'])
    expect(before - (await balanceOf(token, buyer.owner))).toBe(10_000n)
    expect(counted).toBe(10_000n)
  })
})
