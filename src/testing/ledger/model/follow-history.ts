import type { LedgerRecord } from '../../../flow/ports.js'
import type { Check } from '../../create-check.js'
import type { Bench } from '../create-bench.js'
import { createClaimant } from '../create-claimant.js'
import { createRecord } from '../create-record.js'
import { isLegalMove } from '../legal-moves.js'
import { readAll } from '../read-all.js'
import { expectRefused, expectSums } from './expected-sums.js'
import type { History, Step } from './history.js'

/** What a step is taken on: the handle that takes it, and the payments as they stood before, newest first. */
type Scene = { readonly bench: Bench; readonly records: readonly LedgerRecord[]; readonly check: Check }

type StepOf<Name extends Step['do']> = Extract<Step, { do: Name }>

/**
 * Does to a ledger what a history says, and compares each answer with a sum over all records that it lists.
 *
 * @param benches - Handles on one store; what one of them does, the others must see.
 */
export async function followHistory(
  { steps, watched }: History,
  benches: readonly Bench[],
  check: Check,
): Promise<void> {
  const [first] = benches
  if (first === undefined) return
  let records: readonly LedgerRecord[] = []
  for (const step of steps) {
    if (step.do === 'wait') for (const { clock } of benches) clock.advance(step.seconds)
    else await take(step, { bench: benches[step.handle] ?? first, records, check })
    records = await readAll(first.ledger)
    for (const { ledger, clock } of benches) {
      for (const cap of watched) check.equal(await ledger.spent(cap), expectSums(cap, records, clock.nowSeconds()))
    }
  }
}

async function take(step: Exclude<Step, { do: 'wait' }>, scene: Scene): Promise<void> {
  if (step.do === 'reserve') await reserve(step, scene)
  else if (step.do === 'move') await move(step, scene)
  else await claim(step, scene)
}

async function reserve({ change, caps }: StepOf<'reserve'>, { bench, records, check }: Scene): Promise<void> {
  const { ledger, clock } = bench
  const record = createRecord(change)
  const sumsOf = caps.map((cap) => ({ cap, sums: expectSums(cap, records, clock.nowSeconds()) }))
  const refusing = sumsOf.find(({ cap, sums }) => expectRefused(cap, record, sums))
  const reservation = await ledger.reserve(record, caps)
  const { held, spent } = refusing?.sums ?? {}
  const expected = refusing && { refusedBy: refusing.cap, held, spent }
  check.equal('id' in reservation ? undefined : reservation, expected)
}

async function move(step: StepOf<'move'>, { bench, records, check }: Scene): Promise<void> {
  const moved = records[step.which]
  if (moved === undefined) return
  const { to, delivery, charges } = step
  const work = () => bench.ledger.move(moved.id, [moved.state], to, { delivery, charges })
  if (isLegalMove(moved.state, to)) {
    await work()
    check.matches(await bench.find(moved.id), {
      state: to,
      delivery,
      charges: charges ?? moved.charges,
      claimed: false,
    })
  } else {
    await check.rejects(work, { name: 'LedgerError', code: 'LEDGER_CONFLICT' })
    check.equal(await bench.find(moved.id), moved)
  }
}

async function claim({ purchase }: StepOf<'claim'>, { bench, records, check }: Scene): Promise<void> {
  const open = records.filter((record) => record.purchase === purchase && isOpen(record))
  const waiting = open.filter(({ claimed }) => !claimed)
  const claimed = await bench.ledger.claim(createClaimant({ purchase, coarse: undefined }))
  if (claimed.is !== 'yours') {
    if (waiting.length > 0) throw check.failure('one of the open payments', claimed.is)
    check.equal(claimed.is, open.length > 0 ? 'claimed' : 'nothing')
    return
  }
  const expected = waiting.find(({ id }) => id === claimed.record.id)
  check.equal(claimed.record, expected && { ...expected, claimed: true })
}

/** Written out here once more, since a ledger may bring a rule of its own. */
function isOpen({ state, delivery }: LedgerRecord): boolean {
  return (state === 'sent' || state === 'settled') && (delivery === 'lost' || delivery === 'answered')
}
