import type { PaymentEvent } from '../../../payment/event.js'
import type { Ledger } from '../../../payment/ledger.js'
import { readAll } from '../bench.js'
import { createCap } from '../cap.js'
import { createClaimant } from '../claimant.js'
import { createDraft, DOLLAR, dollars } from '../draft.js'
import { delivered, freed, lost, sent, settled } from '../events.js'
import type { LedgerCase, Session } from '../session.js'

const REPLY = 'A step that rejects may have happened. It is done again, and must count once.'

/** A handle whose next step is carried out and rejects. */
type Disturbed = (work: (ledger: Ledger) => Promise<unknown>) => Promise<void>

async function openDisturbed({ open, disturb, check }: Session) {
  const bench = await open()
  const lose: Disturbed = async (work) => {
    const disturbed = await disturb(bench)
    const isLost = await work(disturbed).then(
      () => false,
      () => true,
    )
    if (!isLost) throw check.failure('a step whose reply is lost', 'a reply')
  }
  return { bench, lose }
}

/** Cases of steps that are carried out, and their reply is lost. */
export const replies: readonly LedgerCase[] = [
  {
    name: 'lost reply: each event that is told again has one effect',
    why: REPLY,
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const { ledger, reserve, find } = bench
      const id = await reserve({ charges: dollars(5) })
      const events: readonly PaymentEvent[] = [
        sent,
        { ...lost, said: 'wait' },
        { type: 'settled', charged: 2n, charges: dollars(2) },
        delivered,
      ]
      for (const event of events) {
        await lose((disturbed) => disturbed.note(id, event))
        const after = await find(id)
        const sums = await ledger.spent(createCap(9))
        session.check.equal(await ledger.note(id, event), after)
        session.check.equal([await find(id), await ledger.spent(createCap(9))], [after, sums])
      }
      session.check.matches(await find(id), { state: 'settled', delivery: 'delivered', charged: 2n })
      session.check.equal(await ledger.spent(createCap(9)), { held: 0n, spent: 2n * DOLLAR, count: 1 })
    },
  },
  {
    name: 'lost reply: of a first sent lets the payment be released, since who asked holds the only signature',
    why: 'A payment that is counted and never leaves uses up a limit for good.',
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const id = await bench.reserve()
      await lose((disturbed) => disturbed.note(id, sent))
      await bench.ledger.note(id, { type: 'released', because: 'unsent' })
      await bench.reserve({}, [createCap(1)])
    },
  },
  {
    name: 'lost reply: of a put leaves what was put, once',
    why: REPLY,
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const { ledger } = bench
      await lose((disturbed) => disturbed.put('pin', 'a', 1, undefined))
      session.check.equal([await ledger.put('pin', 'a', 1, undefined), await ledger.get('pin', 'a')], [false, 1])
    },
  },
  {
    name: 'lost reply: of a claim leaves the payment claimed, until it is freed',
    why: 'A payment that is never handed out is paid a second time.',
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const { ledger, pay } = bench
      const id = await pay({}, sent, lost)
      await lose((disturbed) => disturbed.claim(createClaimant()))
      session.check.matches(await ledger.claim(createClaimant()), { is: 'claimed', payment: { id } })
      await ledger.note(id, freed)
      session.check.matches(await ledger.claim(createClaimant()), { is: 'yours', payment: { id } })
    },
  },
  {
    name: 'lost reply: of a reserve leaves a payment that counts and is named, and that blocks nothing once it is released',
    why: 'A payment that no one knows about would hold its room and its purchase for good.',
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const { ledger, expectRefusal, expectFull, reserve } = bench
      const keyed = { call: { isKeyed: true } }
      await lose((disturbed) => disturbed.reserve(createDraft(keyed), [createCap(1)]))
      const [payment, ...more] = await readAll(ledger)
      session.check.equal(more, [])
      await expectRefusal({ by: 'open', open: { is: 'under-way', payment } }, keyed)
      await expectFull(createCap(1))
      await ledger.note(payment?.id ?? '', { type: 'released', because: 'unsent' })
      await reserve(keyed, [createCap(1)])
    },
  },
  {
    name: 'lost reply: says nothing of what happens after it',
    why: REPLY,
    async run(session) {
      const { bench, lose } = await openDisturbed(session)
      const id = await bench.pay({}, sent)
      await lose((disturbed) => disturbed.note(id, lost))
      await bench.ledger.note(id, settled)
      session.check.matches(await bench.find(id), { state: 'settled', delivery: 'lost' })
    },
  },
]
