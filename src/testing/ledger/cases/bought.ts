import type { PaymentEvent } from '../../../payment/event.js'
import { isRefusal } from '../../../payment/ledger.js'
import type { Bench } from '../bench.js'
import { createClaimant } from '../claimant.js'
import { createDraft, type DraftChange, named } from '../draft.js'
import { answered, delivered, forgotten, lost, released, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const ONCE =
  'A key that was paid for and delivered doesn’t buy again for as long as its call said. Otherwise a job that runs twice pays twice.'
const FREE = 'After that, or under another name, a buyer must be able to buy.'

const SECONDS = 600
const keyed: DraftChange = { call: { isKeyed: true, purchaseForSeconds: SECONDS } }

/** It's presented again, by a call that says for how long its key doesn't buy. */
function presented(purchaseForSeconds: number): PaymentEvent {
  return { type: 'sent', purchaseForSeconds }
}

/** How a payment under such a key may end, and whether the key is bought then. */
const ENDS: readonly (readonly [string, boolean, ...PaymentEvent[]])[] = [
  ['delivered', true, sent, delivered],
  ['settled and delivered', true, sent, settled, delivered],
  ['delivered and settled', true, sent, delivered, settled],
  ['lost, presented again and delivered', true, sent, lost, { type: 'sent' }, delivered],
  ['answered, presented again and delivered', true, sent, answered, { type: 'sent' }, delivered],
  ['lost, presented again by a call that says less and delivered', true, sent, lost, presented(1), delivered],
  ['delivered and released', false, sent, delivered, released],
  ['lost and given up', false, sent, lost, forgotten],
  ['released', false, released],
]

const ends = ENDS.map(
  ([end, isBought, ...events]): LedgerCase => ({
    name: `reserve: under a key that doesn’t buy again for a while, whose payment was ${end}, is ${isBought ? 'refused: bought' : 'done'}`,
    why: isBought ? ONCE : FREE,
    async run({ open, check }) {
      const { ledger, pay, reserve, expectRefusal, find } = await open()
      const id = await pay(keyed, ...events)
      const asked = createClaimant({ isKeyed: true })
      if (!isBought) {
        check.matches(await ledger.claim(asked), { is: 'nothing' })
        return void (await reserve(keyed))
      }
      const payment = await find(id)
      check.matches(await ledger.claim(asked), { is: 'bought', payment: { id, claimed: false } })
      await expectRefusal({ by: 'open', open: { is: 'bought', payment } }, { call: { isKeyed: true } })
    },
  }),
)

/** Asks whether a key is bought, as far as anyone asks after so many seconds. */
async function ask({ ledger, find }: Bench, id: string, afterSeconds: number) {
  const nowSeconds = (await find(id)).atSeconds + afterSeconds
  const claim = await ledger.claim(createClaimant({ isKeyed: true, nowSeconds }))
  const reserved = await ledger.reserve(createDraft({ ...keyed, by: { nowSeconds } }), [])
  return { claim: claim.is, refusal: isRefusal(reserved) && reserved.by === 'open' ? reserved.open.is : undefined }
}

/** Cases of a key that doesn't buy again for a while. */
export const bought: readonly LedgerCase[] = [
  ...ends,
  {
    name: 'reserve: under a key that was bought is refused to its last second, and done after that',
    why: ONCE,
    async run({ open, check }) {
      const bench = await open()
      const id = await bench.pay(keyed, sent, settled, delivered)
      check.equal(await ask(bench, id, SECONDS - 1), { claim: 'bought', refusal: 'bought' })
      bench.clock.advance(SECONDS)
      check.equal(await ask(bench, id, SECONDS), { claim: 'nothing', refusal: undefined })
    },
  },
  {
    name: 'reserve: under a key that was bought is refused for as long as the call that presented its payment said',
    why: ONCE,
    async run({ open, check }) {
      const bench = await open()
      const made = { call: { isKeyed: true } }
      const id = await bench.pay(made, sent, lost, presented(SECONDS), settled, delivered)
      check.equal((await bench.find(id)).call.purchaseForSeconds, SECONDS)
      check.equal(await ask(bench, id, SECONDS - 1), { claim: 'bought', refusal: 'bought' })
    },
  },
  {
    name: 'reserve: under a key that was bought is refused, however many payments came after it',
    why: ONCE,
    async run({ open, check }) {
      const bench = await open()
      const id = await bench.pay(keyed, sent, settled, delivered)
      for (let count = 0; count < 5; count++) {
        const other = { call: { ...named(`other ${count}`), isKeyed: count % 2 === 0 } }
        await bench.pay(other, sent, settled, delivered)
      }
      check.equal(await ask(bench, id, 1), { claim: 'bought', refusal: 'bought' })
    },
  },
  {
    name: 'reserve: of another key, or of the same request without one, is done next to a key that was bought',
    why: FREE,
    async run({ open }) {
      const { pay, reserve } = await open()
      await pay(keyed, sent, settled, delivered)
      await reserve({ call: { purchase: 'another', isKeyed: true } })
      await reserve()
    },
  },
]

/** Such a key on a ledger whose process is gone. */
export const boughtAfterACrash: readonly LedgerCase[] = [
  {
    name: 'crash: a key that was bought still is',
    why: ONCE,
    async run({ open, crash, check }) {
      const before = await open()
      const id = await before.pay(keyed, sent, settled, delivered)
      const after = await crash(before)
      check.equal(await ask(after, id, 1), { claim: 'bought', refusal: 'bought' })
    },
  },
  {
    name: 'crash: a key that was bought still is, where the call that presented its payment said so',
    why: ONCE,
    async run({ open, crash, check }) {
      const before = await open()
      const id = await before.pay({ call: { isKeyed: true } }, sent, lost, presented(SECONDS), settled, delivered)
      const after = await crash(before)
      check.equal(await ask(after, id, 1), { claim: 'bought', refusal: 'bought' })
    },
  },
]

/** Such a key on two handles. */
export const boughtBeside: readonly LedgerCase[] = [
  {
    name: 'two handles: a key that was bought through one is bought for the other',
    why: ONCE,
    async run({ openPair, check }) {
      const [one, other] = await openPair()
      const id = await one.pay(keyed, sent, settled, delivered)
      check.equal(await ask(other, id, 1), { claim: 'bought', refusal: 'bought' })
    },
  },
]
