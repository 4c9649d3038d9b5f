import type { Delivery, State } from '../../flow/ports.js'
import { createPresentation } from './create-presentation.js'
import type { LedgerCase } from './ledger-case.js'

const PAYER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B'
const lost = { delivery: 'lost' } as const

const ONCE = 'A payment whose answer is lost is presented again by one caller at a time, in place of a second payment.'
const OTHERS = 'Whoever is handed a payment of somebody else gets nothing for it, and loses it to them.'
const STRANDED = 'A payment that is never handed out is paid a second time.'

const GIVEN: readonly (readonly [State, Delivery, boolean])[] = [
  ['reserved', 'none', false],
  ['signed', 'none', false],
  ['sent', 'none', false],
  ['sent', 'lost', true],
  ['sent', 'answered', false],
  ['settled', 'none', false],
  ['settled', 'lost', true],
  ['settled', 'answered', false],
  ['released', 'lost', false],
]

const states = GIVEN.map(
  ([state, delivery, isGiven]): LedgerCase => ({
    name: `claim: of a payment that is ${state} with delivery ${delivery} gives ${isGiven ? 'it' : 'nothing'}`,
    why: isGiven ? STRANDED : ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay(state, {}, { delivery })
      check.equal((await ledger.claim('weather', [PAYER]))?.id, isGiven ? id : undefined)
    },
  }),
)

const PAYERS: readonly (readonly [string, string | undefined, readonly string[], boolean])[] = [
  ['no payer', PAYER, [], false],
  ['another payer', PAYER, ['0x1'], false],
  ['the payer in other capitals, where it is hexadecimal,', PAYER, ['0x1', PAYER.toLowerCase()], true],
  ['the payer', 'So1Payer', ['So1Payer'], true],
  ['the payer in other capitals', 'So1Payer', ['so1payer'], false],
  ['any payer, where the record names none,', undefined, [PAYER, ''], true],
]

const payers = PAYERS.map(
  ([who, payer, asked, isGiven]): LedgerCase => ({
    name: `claim: by ${who} gives ${isGiven ? 'it' : 'nothing'}`,
    why: isGiven ? STRANDED : OTHERS,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', { payer }, lost)
      check.equal((await ledger.claim('weather', asked))?.id, isGiven ? id : undefined)
    },
  }),
)

/** Cases of who may present a lost payment again. */
export const claims: readonly LedgerCase[] = [
  {
    name: 'claim: gives a lost payment to one of many concurrent askers',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', {}, lost)
      const asked = await Promise.all(Array.from({ length: 100 }, () => ledger.claim('weather', [PAYER])))
      check.equal(
        asked.flatMap((record) => (record ? [[record.id, record.claimed]] : [])),
        [[id, true]],
      )
    },
  },
  ...states,
  ...payers,
  {
    name: 'claim: gives nothing of another purchase',
    why: OTHERS,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      await pay('sent', {}, lost)
      check.equal(await ledger.claim('news', [PAYER]), undefined)
    },
  },
  {
    name: 'claim: shows in the list',
    why: 'Who looks for payments that nobody is presenting must not find one that somebody is.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, lost)
      check.equal((await find(id)).claimed, false)
      await ledger.claim('weather', [PAYER])
      check.equal((await find(id)).claimed, true)
    },
  },
  {
    name: 'claim: ends with the next move',
    why: STRANDED,
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay('sent', {}, lost)
      check.matches(await ledger.claim('weather', [PAYER]), { id, claimed: true })
      check.equal(await ledger.claim('weather', [PAYER]), undefined)
      await ledger.move(id, ['sent'], 'sent', {})
      check.equal((await find(id)).claimed, false)
      check.equal((await ledger.claim('weather', [PAYER]))?.id, id)
    },
  },
  {
    name: 'claim: gives nothing once the answer arrived',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const id = await pay('sent', {}, lost)
      await ledger.claim('weather', [PAYER])
      await ledger.move(id, ['sent'], 'settled', { delivery: 'answered' })
      check.equal(await ledger.claim('weather', [PAYER]), undefined)
    },
  },
  {
    name: 'claim: of several lost payments gives each once, the one that was lost last first',
    why: ONCE,
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const first = await pay('sent', {}, lost)
      const second = await pay('sent', {}, lost)
      check.equal((await ledger.claim('weather', [PAYER]))?.id, second)
      check.equal((await ledger.claim('weather', [PAYER]))?.id, first)
      check.equal(await ledger.claim('weather', [PAYER]), undefined)
    },
  },
  {
    name: 'claim: hands out what has to be presented',
    why: 'Without the signed payment nothing can be presented again, and the buyer pays twice or gets nothing.',
    async run({ open, check }) {
      const { ledger, pay } = await open()
      const presentation = createPresentation()
      const id = await pay('sent', {}, { presentation, nonce: '0x1' })
      await ledger.move(id, ['sent'], 'sent', lost)
      check.matches(await ledger.claim('weather', [PAYER]), { presentation, nonce: '0x1' })
    },
  },
]
