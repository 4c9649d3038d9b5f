import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { stubbedSigner } from '../../support/counts/buyers.js'
import { writeManyOffers } from '../../support/counts/seller.js'
import { interleave, isQuick, measureTime, repeat, tellFigures, toMedian, toRatio } from '../figures.js'

/** A challenge of 10,000 offers, all payable, against `JSON.parse` of it alone. */
const ROUNDS = 10
const TURNS = isQuick() ? 5 : 15
const text = writeManyOffers(10_000)
const client = new x402Client({ limits: { perPayment: '$1', perDay: '$1000000' } })
client.register('eip155:*', new ExactEvmScheme(stubbedSigner))

const pay = () => client.createPaymentPayload(JSON.parse(text), { url: 'https://api.example.com/paid' })
const parse = async () => JSON.parse(text)
const measure = (work: () => Promise<unknown>) => () => measureTime(() => repeat(ROUNDS, work))
const cases = { ours: measure(pay), parse: measure(parse), parseAgain: measure(parse) }
await interleave(cases, 2)
const times = await interleave(cases, TURNS)

const ms = (figures: readonly number[]) => (toMedian(figures) / ROUNDS / 1000).toFixed(1)
tellFigures({
  offers: {
    ...toRatio(times.ours, times.parse),
    again: toRatio(times.parseAgain, times.parse).now,
    note: `${ms(times.ours)} ms, JSON.parse ${ms(times.parse)}`,
  },
})
