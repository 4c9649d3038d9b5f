import { createWalletClient, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { approvePermit2, ExactEvmScheme, type TransactionSender } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { deployPermit2 } from '../../support/chain/deploy-permit2.js'
import { minedHttp } from '../../support/chain/mined-http.js'
import { openLiar } from '../../support/chain/open-liar.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired, PAY_TO, USDC } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Blocks that anvil mines before it calls one final: two epochs of 32. */
const FINALITY = 70

type Setting = {
  transfer: 'eip3009' | 'permit2'
  /** Who sends the cancellation. @default the payer's own wallet */
  sender?: (own: TransactionSender, chain: Chain) => TransactionSender
  /** Sources beside the chain itself. */
  beside?: string
}

/** A payment of one cent that was lost, under a total of one cent, and a client on its ledger as often as one is asked for. */
async function loseOne({ transfer, sender = (own) => own, beside }: Setting) {
  const chain = await createChain()
  onTestFinished(chain.stop)
  const account = privateKeyToAccount(generatePrivateKey())
  await Promise.all([chain.mint(account.address, 1_000_000n), chain.fund(account.address)])
  const wallet = createWalletClient({ account, transport: minedHttp(chain.url) })
  if (transfer === 'permit2') {
    await deployPermit2(chain)
    const { network, usdc: asset, publicClient } = chain
    const { transaction } = await approvePermit2(wallet, { network, asset, amount: 1_000_000n })
    await publicClient.waitForTransactionReceipt({ hash: transaction })
  }
  const before = await chain.publicClient.getTransactionCount({ address: account.address })
  const liar = await openLiar(chain.url)
  const rpc = { [chain.network]: beside === undefined ? liar.url : [liar.url, chain.url] }
  const scheme = new ExactEvmScheme(account, { rpc, sender: sender(wallet, chain) })
  const path = await createLedgerPath()
  const clock = createBriskClock(Number((await chain.publicClient.getBlock()).timestamp))
  const extra = { name: 'USDC', version: '2', ...(transfer === 'permit2' && { assetTransferMethod: 'permit2' }) }
  const seller = await openSeller(({ payment }, response) =>
    payment === undefined ? askToPay(response, createRequired([createOffer({ extra })])) : void response.destroy(),
  )
  /** As after a restart: all that is known is what the file has. */
  const open = async () => {
    const ledger = await createFileLedger(path, { clock })
    onTestFinished(() => ledger.close())
    const client = new x402Client({ clock, ledger, limits: { total: '$0.01' } }).register('eip155:*', scheme)
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const post = (name: string) => paidFetch(`${seller.url}/${name}`, { method: 'POST', body: 'question' })
    const [id = ''] = (await client.inDoubt()).map((payment) => payment.id)
    return { client, ledger, post, id }
  }
  const first = await open()
  await refusalOf(first.post('lost'))
  await first.ledger.close()
  const sent = async () => (await chain.publicClient.getTransactionCount({ address: account.address })) - before
  return { chain, liar, clock, open, sent, scheme }
}

const now = { timeoutMs: 0 }
const notFinal = { code: 'CANCEL_NOT_FINAL', money: 'in-doubt' }

describe.each(['eip3009', 'permit2'] as const)('client.cancel, %s:', (transfer) => {
  test('leaves the money in doubt and counted while the cancellation is mined and not final', async () => {
    const { open, sent } = await loseOne({ transfer })
    const { client, post, id } = await open()
    expect(await refusalOf(client.cancel(id, now))).toMatchObject(notFinal)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    expect(await refusalOf(post('other'))).toMatchObject({ code: 'LIMIT_TOTAL' })
    expect(await client.payments()).toMatchObject([{ id, money: 'in-doubt' }])
    expect(await sent()).toBe(1)
  })

  test('releases it when it is asked again and the block is final, and sends nothing twice', async () => {
    const { chain, open, sent } = await loseOne({ transfer })
    const { client, id } = await open()
    const { facts } = await refusalOf(client.cancel(id, now))
    expect(await refusalOf(client.cancel(id, now))).toMatchObject({ ...notFinal, facts })
    await chain.mine(FINALITY)
    expect(await client.cancel(id, now)).toEqual({ id, money: 'released', transaction: facts['transaction'] })
    expect(await client.inDoubt()).toEqual([])
    expect(await sent()).toBe(1)
  })

  test('is found by reconcile later, long before the payment’s end, also after a restart', async () => {
    const { chain, open, sent } = await loseOne({ transfer })
    const before = await open()
    const { facts } = await refusalOf(before.client.cancel(before.id, now))
    await before.ledger.close()
    await chain.mine(FINALITY)
    const { client, id } = await open()
    expect(await client.reconcile()).toEqual([{ id, money: 'released', transaction: facts['transaction'] }])
    expect(await sent()).toBe(1)
  })

  test('is asked again after a restart, and sends nothing twice', async () => {
    const { chain, open, sent } = await loseOne({ transfer })
    const before = await open()
    await refusalOf(before.client.cancel(before.id, now))
    await before.ledger.close()
    await chain.mine(FINALITY)
    const { client, id } = await open()
    expect(await client.cancel(id, now)).toMatchObject({ money: 'released' })
    expect(await sent()).toBe(1)
  })

  test('waits until the block is final', async () => {
    const sender = (own: TransactionSender, chain: Chain): TransactionSender => ({
      async sendTransaction(transaction) {
        const hash = await own.sendTransaction(transaction)
        await chain.mine(FINALITY)
        return hash
      },
    })
    const { open } = await loseOne({ transfer, sender })
    const { client, id } = await open()
    expect(await client.cancel(id)).toMatchObject({ money: 'released' })
  })

  test('releases nothing as long as one of the sources calls the block not final', async () => {
    const { chain, liar, open } = await loseOne({ transfer, beside: 'honest' })
    const { client, id } = await open()
    const late: unknown = await chain.publicClient.request({
      method: 'eth_getBlockByNumber',
      params: ['0x1' as Hex, false],
    })
    liar.lies = { eth_getBlockByNumber: (truth, [tag]) => (tag === 'finalized' ? late : truth) }
    expect(await refusalOf(client.cancel(id, now))).toMatchObject(notFinal)
    await chain.mine(FINALITY)
    expect(await refusalOf(client.cancel(id, now))).toMatchObject(notFinal)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    liar.lies = {}
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
  })

  test('releases nothing by a block that is only safe', async () => {
    const { chain, liar, open } = await loseOne({ transfer })
    const { client, id } = await open()
    liar.lies = { eth_getBlockByNumber: (truth, [tag]) => (tag === 'finalized' ? null : truth) }
    await refusalOf(client.cancel(id, now))
    await chain.mine(FINALITY)
    expect(await refusalOf(client.cancel(id, now))).toMatchObject(notFinal)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
  })

  test('proves nothing to reconcile before the payment’s end where this ledger did not send it', async () => {
    const { chain, clock, open, scheme } = await loseOne({ transfer })
    const { client, ledger } = await open()
    for await (const { payer = '', terms: paid, validUntilSeconds = 0, nonce = '' } of ledger.list({})) {
      const { payTo, asset, amount, network } = paid
      const terms = { ...createTerms(network, transfer), amount: String(amount) as never }
      await refusalOf(scheme.cancel({ payer, payTo, asset, amount, validUntilSeconds, nonce }, terms, now))
    }
    await chain.mine(FINALITY)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    clock.advance(119)
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    clock.advance(1)
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
  })
})

/** The terms of the lost payment. */
function createTerms(network: `${string}:${string}`, transfer: string) {
  const extra = { name: 'USDC', version: '2', ...(transfer === 'permit2' && { assetTransferMethod: 'permit2' }) }
  return { scheme: 'exact', network, asset: USDC, payTo: PAY_TO, maxTimeoutSeconds: 60, extra }
}

describe('client.cancel, where a source lies or fails:', () => {
  test('error: CANCEL_FAILED when it says that another transaction canceled it, and nothing is released', async () => {
    const { liar, open, sent } = await loseOne({ transfer: 'eip3009' })
    const { client, id, ledger } = await open()
    const other: Hex = `0x${'0e'.repeat(32)}`
    for await (const { payer = '', terms, nonce } of ledger.list({})) {
      const word = `0x${payer.slice(2).toLowerCase().padStart(64, '0')}`
      const topics = ['0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81', word, nonce]
      const log = {
        address: terms.asset,
        topics,
        data: '0x',
        blockNumber: '0x1',
        transactionHash: other,
        removed: false,
      }
      liar.lies = {
        eth_call: () => `0x${'0'.repeat(63)}1`,
        eth_getLogs: () => [log],
        eth_getTransactionReceipt: () => ({ transactionHash: other, status: '0x1', blockNumber: '0x1', logs: [log] }),
      }
    }
    const error = await refusalOf(client.cancel(id, now))
    expect(error).toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(error.message).toContain('did not send')
    expect(await client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    expect(await sent()).toBe(0)
  })

  test('is sent again when no source knows what was sent before', async () => {
    const sender = (own: TransactionSender, { publicClient }: Chain): TransactionSender => {
      let isDropped = true
      return {
        sendTransaction: async (transaction) => {
          if (isDropped) {
            isDropped = false
            return `0x${'0e'.repeat(32)}`
          }
          const sent = await own.sendTransaction(transaction)
          await publicClient.waitForTransactionReceipt({ hash: sent as Hex }) // the sender's own, a hash by its contract
          return sent
        },
      }
    }
    const { chain, open, sent } = await loseOne({ transfer: 'eip3009', sender })
    const { client, id } = await open()
    expect(await refusalOf(client.cancel(id, now))).toMatchObject({ code: 'CANCEL_FAILED', money: 'in-doubt' })
    expect(await refusalOf(client.cancel(id, now))).toMatchObject(notFinal)
    await chain.mine(FINALITY)
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
    expect(await sent()).toBe(1)
  })

  test('is found by its name where a source refuses to search events', async () => {
    const { chain, liar, open } = await loseOne({ transfer: 'eip3009' })
    const { client, id } = await open()
    await refusalOf(client.cancel(id, now))
    liar.lies = { eth_getLogs: () => 'no' }
    await chain.mine(FINALITY)
    expect(await client.reconcile()).toMatchObject([{ money: 'released' }])
  })
})
