import { generateKeyPairSigner } from '@solana/kit'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount, privateKeyToAddress } from 'viem/accounts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { approvePermit2, ExactEvmScheme } from '../../../schemes/evm/index.js'
import { ExactSvmScheme } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { PaymentPayload } from '../../../src/wire/payload.js'
import { createChain } from '../../support/chain/create-chain.js'
import { deployPermit2 } from '../../support/chain/deploy-permit2.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { createOfficialPermit2Facilitator } from '../../support/chain/official-permit2-facilitator.js'
import { everythingIsDead, type Liar, type Lies, nothingLanded, openLiar } from '../../support/chain/open-liar.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** A chain, the one node of it that the buyer asks, and a seller's offer of one cent. */
type Place = {
  readonly liar: Liar
  readonly lies: Lies
  readonly offer: Record<string, unknown>
  readonly scheme: SchemeNetworkClient
  /** How long what is signed may live, in seconds. */
  readonly life: number
  readonly nowSeconds: number
  settle(payment: PaymentPayload): Promise<{ success: boolean }>
  /** What the seller has, in atomic units. */
  taken(): Promise<bigint | undefined>
}

async function openEvm(transfer: 'eip3009' | 'permit2', isAlone: boolean): Promise<Place> {
  const chain = await createChain()
  onTestFinished(chain.stop)
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, 1_000_000n)
  if (transfer === 'permit2') {
    await deployPermit2(chain)
    await chain.fund(account.address)
    const wallet = createWalletClient({ account, transport: http(chain.url) })
    const { network, usdc: asset, publicClient } = chain
    const { transaction } = await approvePermit2(wallet, { network, asset, amount: 1_000_000n })
    await publicClient.waitForTransactionReceipt({ hash: transaction })
  }
  const liar = await openLiar(chain.url)
  const payTo = privateKeyToAddress(generatePrivateKey())
  const offer = createOffer({
    payTo,
    extra: { name: 'USDC', version: '2', ...(transfer === 'permit2' && { assetTransferMethod: 'permit2' }) },
  })
  const facilitator =
    transfer === 'permit2' ? createOfficialPermit2Facilitator(chain) : createOfficialFacilitator(chain)
  return {
    liar,
    lies: everythingIsDead,
    offer,
    scheme: new ExactEvmScheme(account, { rpc: { [chain.network]: isAlone ? liar.url : [liar.url, chain.url] } }),
    life: 60,
    nowSeconds: Number((await chain.publicClient.getBlock()).timestamp),
    settle: (payment) => facilitator.settle(payment as never, offer as never),
    taken: () => chain.balanceOf(payTo),
  }
}

async function openSvm(isAlone: boolean): Promise<Place> {
  const chain = await createSvmChain()
  onTestFinished(() => chain.stop())
  const [signer, { address: payTo }] = [await generateKeyPairSigner(), await generateKeyPairSigner()]
  await Promise.all([chain.writeAccount(signer.address, { amount: 1_000_000n }), chain.writeAccount(payTo)])
  const liar = await openLiar(chain.url)
  const extra = { feePayer: chain.facilitator.address }
  const offer = createOffer({ network: chain.network, asset: USDC_MINT, payTo, extra, maxTimeoutSeconds: 60 })
  const facilitator = createOfficialSvmFacilitator(chain)
  return {
    liar,
    lies: nothingLanded,
    offer,
    scheme: new ExactSvmScheme(signer, { rpc: { [chain.network]: isAlone ? liar.url : [liar.url, chain.url] } }),
    life: 90,
    nowSeconds: 1_790_000_000,
    settle: (payment) => facilitator.settle(payment as never, offer as never),
    taken: () => chain.balanceOf(payTo),
  }
}

/** Whose only source lies, or has an honest one beside it. */
const places: Readonly<Record<string, (isAlone: boolean) => Promise<Place>>> = {
  'EIP-3009': (isAlone) => openEvm('eip3009', isAlone),
  Permit2: (isAlone) => openEvm('permit2', isAlone),
  Solana: openSvm,
}

/** A buyer whose one payment was lost, and a seller that holds it. */
async function loseOne(place: Place, options: ClientOptions) {
  const clock = createBriskClock(place.nowSeconds)
  const held: PaymentPayload[] = []
  const seller = await openSeller(({ payment }, response) => {
    if (payment === undefined) return askToPay(response, createRequired([place.offer]))
    held.push(payment)
    response.destroy()
  })
  const client = new x402Client({ clock, ...options }).register(String(place.offer['network']) as never, place.scheme)
  const paidFetch = wrapFetchWithPayment(fetch, client)
  const post = (path: string) => paidFetch(`${seller.url}${path}`, { method: 'POST', body: 'question' })
  await expect(post('/')).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  place.liar.lies = place.lies
  const signed = () => new Set(held.map(({ payload }) => JSON.stringify(payload))).size
  return { client, clock, post, held, signed }
}

describe.each(Object.entries(places))('one node that lies, %s:', (_name, open) => {
  test('frees no live payment before our own clock is a minute past its end; the seller settles it meanwhile', async () => {
    const place = await open(true)
    const { client, clock, post, held, signed } = await loseOne(place, { limits: { total: '$0.01' } })
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    await expect(post('/other')).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
    // What the node calls dead is alive.
    expect(await place.settle(held[0] as PaymentPayload)).toMatchObject({ success: true })
    expect(await place.taken()).toBe(10_000n)
    for (const seconds of [place.life, 59]) {
      clock.advance(seconds)
      expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
      await expect(post('/other')).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
      expect((await client.spending())[0]).toMatchObject({ limit: 'perDay', left: '$9.99' })
    }
    expect(signed()).toBe(1)
  })

  test('is not believed by a client that may sign anew, either', async () => {
    const place = await open(true)
    const { clock, post, signed } = await loseOne(place, { resign: 'when-proven-unspent' })
    for (const seconds of [place.life, 59]) {
      clock.advance(seconds)
      await expect(post('/')).rejects.toMatchObject({ code: 'PAID_PERHAPS', money: 'in-doubt' })
    }
    expect(signed()).toBe(1)
  })

  test('is trusted alone from then on', async () => {
    const place = await open(true)
    const { client, clock } = await loseOne(place, {})
    clock.advance(place.life + 60)
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
  })

  test('is not believed from then on where an honest one is asked, too', async () => {
    const place = await open(false)
    const { client, clock } = await loseOne(place, {})
    clock.advance(place.life + 60)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
  })
})
