import { expect, test } from 'vitest'
import { findTokenAccount } from '../../../../../schemes/svm/address.js'
import { ExactSvmScheme } from '../../../../../schemes/svm/index.js'
import { TOKEN_PROGRAM } from '../../../../../schemes/svm/programs.js'
import { createTerms, DEVNET, FEE_PAYER, PAYER } from './terms.js'

const { asset, payTo } = createTerms()
const MAINNET = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const NOBODY = '1'.repeat(32)
const notSolana = 'network is not solana with the start of a genesis hash'
const notAmount = 'amount is not a positive integer below 2^64'
const tooLong = 'extra.memo is longer than 256 bytes'
const extra = (changes: Record<string, unknown>) => ({ extra: changes })

test.each<[what: string, changes: Record<string, unknown>, reason: string]>([
  ['another scheme', { scheme: 'upto' }, 'its scheme is not exact'],
  ['another chain family', { network: 'eip155:8453' }, notSolana],
  ['a cluster by its name', { network: 'solana:devnet' }, notSolana],
  ['a legacy network name', { network: 'solana-devnet' }, notSolana],
  ['a whole genesis hash', { network: `${DEVNET}wcaWoxPkrZBG` }, notSolana],
  ['a genesis hash with a 0', { network: DEVNET.replace('Y', '0') }, notSolana],
  ['no network', { network: undefined }, notSolana],
  ['a mint that is a symbol', { asset: 'USDC' }, 'asset is not 32 bytes in base58'],
  ['a mint of an EVM chain', { asset: `0x${'1'.repeat(40)}` }, 'asset is not 32 bytes in base58'],
  ['a mint that is too short', { asset: asset.slice(0, -2) }, 'asset is not 32 bytes in base58'],
  ['a mint with a line break', { asset: `${asset}\n` }, 'asset is not 32 bytes in base58'],
  ['a mint of 100,000 characters', { asset: '2'.repeat(100_000) }, 'asset is not 32 bytes in base58'],
  ['a mint that is no string', { asset: [asset] }, 'asset is not 32 bytes in base58'],
  ['the mint of nobody', { asset: NOBODY }, 'asset is the address of nobody'],
  ['a mint of devnet on mainnet', { network: MAINNET }, 'asset is a mint of another cluster'],
  ['a payTo that is a name', { payTo: 'seller.sol' }, 'payTo is not 32 bytes in base58'],
  ['no payTo', { payTo: undefined }, 'payTo is not 32 bytes in base58'],
  ['nobody as payTo', { payTo: NOBODY }, 'payTo is the address of nobody'],
  ['the mint as payTo', { payTo: asset }, 'payTo is the token itself, where money is lost'],
  ['the buyer as payTo', { payTo: PAYER }, 'payTo is the buyer'],
  ['an amount of zero', { amount: '0' }, notAmount],
  ['a fraction as amount', { amount: '0.01' }, notAmount],
  ['a number as amount', { amount: 1_000 }, notAmount],
  ['an amount of 2^64', { amount: (2n ** 64n).toString() }, notAmount],
  ['an amount of 200,000 digits', { amount: '9'.repeat(200_000) }, notAmount],
  ['no fee payer', extra({ feePayer: undefined }), 'extra.feePayer is missing'],
  ['a fee payer that is malformed', extra({ feePayer: 'facilitator' }), 'extra.feePayer is not 32 bytes in base58'],
  ['a fee payer that is null', extra({ feePayer: null }), 'extra.feePayer is missing'],
  ['nobody as fee payer', extra({ feePayer: NOBODY }), 'extra.feePayer is the address of nobody'],
  ['the buyer as fee payer', extra({ feePayer: PAYER }), 'extra.feePayer is the buyer'],
  ['the mint as fee payer', extra({ feePayer: asset }), 'extra.feePayer is an account of the transfer'],
  [
    "the buyer's token account as fee payer",
    extra({ feePayer: findTokenAccount(PAYER, TOKEN_PROGRAM, asset) }),
    'extra.feePayer is an account of the transfer',
  ],
  [
    "the payTo's token account as fee payer",
    extra({ feePayer: findTokenAccount(payTo, TOKEN_PROGRAM, asset) }),
    'extra.feePayer is an account of the transfer',
  ],
  ['a memo that is a number', extra({ memo: 42 }), 'extra.memo is not a text'],
  ['a memo that is an object', extra({ memo: { text: 'hi' } }), 'extra.memo is not a text'],
  ['a memo with half a character', extra({ memo: 'a\ud800b' }), 'extra.memo is not a text'],
  ['a memo of 257 letters', extra({ memo: 'm'.repeat(257) }), tooLong],
  ['a memo of 86 three-byte characters', extra({ memo: '☂'.repeat(86) }), tooLong],
  ['another payment flow', extra({ paymentFlow: 'escrow' }), 'extra.paymentFlow is neither authorization nor upfront'],
  [
    'a cluster that nobody can be asked about',
    extra({ recentBlockhash: 'none' }),
    'the option `rpc` names nobody to ask about its cluster',
  ],
  [
    'a token that nobody can be asked about',
    { asset: FEE_PAYER, ...extra({ feePayer: payTo }) },
    'the option `rpc` names nobody to ask about its cluster',
  ],
])('refuse: says why, and nothing is signed, for %s', async (_what, changes, reason) => {
  let signatures = 0
  const signer = {
    address: PAYER,
    signTransactions: async () => {
      signatures++
      return []
    },
  }
  const scheme = new ExactSvmScheme(signer, { rpc: {} })
  const terms = createTerms(changes)
  expect(scheme.refuse(terms)).toBe(reason)
  await expect(scheme.createPaymentPayload(2, terms)).rejects.toMatchObject({
    code: 'TERMS_REFUSED',
    money: 'untouched',
    shortMessage: `Refused to sign: ${reason}.`,
  })
  expect(signatures).toBe(0)
})

test.each<[what: string, changes: Record<string, unknown>]>([
  ['the terms of the vector', {}],
  ['a memo of 256 bytes', extra({ memo: 'm'.repeat(256) })],
  ['an empty memo, which is none', extra({ memo: '' })],
  ['a facilitator that is also the payTo', extra({ feePayer: payTo })],
  ['the payment flow that there is', extra({ paymentFlow: 'authorization' })],
])('refuse: takes %s', (_what, changes) => {
  const scheme = new ExactSvmScheme({ address: PAYER, signTransactions: async () => [] }, { rpc: {} })
  expect(scheme.refuse(createTerms(changes))).toBeUndefined()
})

test('createPaymentPayload: refuses a life that the buyer’s limits call too long, and nothing is signed', async () => {
  const scheme = new ExactSvmScheme({ address: PAYER, signTransactions: async () => [] }, { rpc: {} })
  await expect(scheme.createPaymentPayload(2, createTerms(), { maxValiditySeconds: 60 })).rejects.toMatchObject({
    code: 'TERMS_REFUSED',
    shortMessage: 'Refused to sign: a transaction may live 90 seconds, and 60 are allowed.',
  })
})
