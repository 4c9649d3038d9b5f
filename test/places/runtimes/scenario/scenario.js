// What a buyer does on each runtime, told as plain facts: the same source on all of them, against the installed package.
import { LimitError, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { paymentOf, wrapFetchWithPayment } from 'pay402/fetch'
import { privateKeyToAccount } from 'viem/accounts'
import { entries } from './entries.js'

// Made where programs make it, when the module is loaded: on some runtimes little is allowed there.
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
let signatures = 0
const signer = {
  address: account.address,
  signTypedData(data) {
    signatures++
    return account.signTypedData(data)
  },
}
const client = new x402Client({ limits: { perPayment: '$0.10', perDay: '$5' } }).register(
  'eip155:*',
  new ExactEvmScheme(signer),
)
const paidFetch = wrapFetchWithPayment(fetch, client, { timeouts: { unpaidMs: 30_000, paidMs: 30_000 } })

/** Each is given the seller's address, and tells what became of it. They come in this order, on one client. */
export const situations = {
  free: (seller) => buy(`${seller}/free`),

  paid: (seller) => buy(`${seller}/paid`),

  body: (seller) => {
    const body = new TextEncoder().encode('two words')
    return buy(new Request(`${seller}/body`, { method: 'POST', body }), { signal: new AbortController().signal })
  },

  'protocol-1': (seller) => buy(`${seller}/protocol-1`),

  'over-the-limit': (seller) => buy(`${seller}/over-the-limit`),

  returned: async (seller) => {
    const wallet = { address: account.address, signTypedData: () => Promise.reject(new Error('no')) }
    const refusing = new x402Client().register('eip155:*', new ExactEvmScheme(wallet))
    const response = await wrapFetchWithPayment(fetch, refusing, { refusals: 'return' })(`${seller}/returned`)
    const { code, money } = paymentOf(response).error
    return {
      status: response.status,
      body: await response.text(),
      isFrom: response.url === `${seller}/returned`,
      code,
      money,
    }
  },

  'at-once': async (seller) => {
    const tight = new x402Client({ limits: { total: '$0.01' } }).register('eip155:*', new ExactEvmScheme(signer))
    const tightFetch = wrapFetchWithPayment(fetch, tight)
    const calls = ['a', 'b', 'c'].map((name) => tightFetch(`${seller}/at-once?${name}`))
    const outcomes = await Promise.allSettled(calls)
    const reasons = outcomes.flatMap(({ reason }) => (reason === undefined ? [] : [reason.code]))
    return { paid: outcomes.length - reasons.length, refused: reasons }
  },

  lost: (seller) => buy(`${seller}/lost`),

  'lost-post': (seller) => buy(`${seller}/lost-post`, { method: 'POST', body: 'two words' }),

  resumed: (seller) => buy(`${seller}/lost-post`, { method: 'POST', body: 'two words' }),

  redirected: (seller) => buy(`${seller}/redirected`),

  'redirected-request': (seller) =>
    buy(new Request(`${seller}/redirected-request`, { method: 'POST', body: 'two words' })),

  'redirected-elsewhere': (seller) => buy(`${seller}/redirected-elsewhere`),

  keyed: (seller) => buy(`${seller}/keyed`, { x402: { purchase: 'order 7' } }),

  entries: async () => {
    const loaded = await Promise.all(
      Object.entries(entries).map(async ([name, load]) => [name, Object.keys(await load()).sort()]),
    )
    return Object.fromEntries(loaded)
  },

  globals: () => ({ process: typeof globalThis.process, Buffer: typeof globalThis.Buffer }),
}

/** One call; a failure of ours is told like an answer. */
async function buy(input, init) {
  const before = signatures
  const told = await paidFetch(input, init).then(tellAnswer, tellError)
  return { ...told, signatures: signatures - before }
}

async function tellAnswer(response) {
  const payment = paymentOf(response)
  const paid = payment && { money: payment.money, amount: payment.terms.amount, receipt: payment.receipt.state }
  return { status: response.status, body: await response.text(), ...paid }
}

function tellError(error) {
  if (error.code === undefined) throw error
  return { error: error.name, code: error.code, money: error.money, isLimitError: error instanceof LimitError }
}
