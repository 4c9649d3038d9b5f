import { FREEZE, isRefusal } from '../../../payment/ledger.js'
import type { Check } from '../../check.js'
import { type Bench, readAll } from '../bench.js'
import { createClaimant } from '../claimant.js'
import { createDraft } from '../draft.js'
import type { Session } from '../session.js'
import type { History, Step } from './history.js'
import { createModel, type Model } from './model.js'

/** What a step is taken on: the handle that takes it, and what the ledger must be like before. */
type Scene = { readonly bench: Bench; readonly model: Model; readonly check: Check }

type StepOf<Name extends Step['do']> = Extract<Step, { do: Name }>

/**
 * Does to a ledger what a history says, and compares each reply, each payment and each sum with a model of it.
 *
 * @param benches - Handles on one store; what one of them does, the others must see.
 */
export async function followHistory(
  { steps, watched }: History,
  benches: Bench[],
  { check, crash }: Session,
): Promise<void> {
  const model = createModel()
  const at = (handle: number) => benches[handle] as Bench // as many as handles were drawn
  for (const step of steps) {
    if (step.do === 'wait') for (const { clock } of benches) clock.advance(step.seconds)
    else if (step.do === 'crash') {
      benches[step.handle] = await crash(at(step.handle))
      model.crash(step.handle)
    } else await take(step, at, model, check)
    for (const { ledger, clock } of benches) {
      check.equal(await readAll(ledger), model.payments.toReversed())
      for (const cap of watched) {
        check.equal(await ledger.spent(cap), model.spent(cap, clock.nowSeconds()))
      }
    }
  }
}

async function take(
  step: Exclude<Step, { do: 'wait' | 'crash' }>,
  at: (handle: number) => Bench,
  model: Model,
  check: Check,
): Promise<void> {
  const scene = { bench: at(step.handle), model, check }
  if (step.do === 'reserve') await reserve(step, scene)
  else if (step.do === 'claim') await claim(step, scene)
  else if (step.do === 'put') await put(step, scene)
  else await note(step, at, model, check)
}

async function reserve({ change, caps, handle }: StepOf<'reserve'>, { bench, model, check }: Scene): Promise<void> {
  const { ledger, clock } = bench
  const nowSeconds = clock.nowSeconds()
  const draft = createDraft({ ...change, by: { ...change.by, nowSeconds } })
  const refusal = model.refuse(draft, caps, nowSeconds)
  const reserved = await ledger.reserve(draft, caps)
  if (refusal !== undefined || isRefusal(reserved))
    check.equal(toOneSpelling(reserved), refusal && toOneSpelling(refusal))
  else check.equal(reserved, model.add(draft, reserved.id, nowSeconds, handle))
}

/** A pin may be told in any spelling of its address. */
function toOneSpelling<T extends object>(reserved: T): object {
  return 'payTo' in reserved ? { ...reserved, payTo: String(reserved.payTo).toLowerCase() } : reserved
}

async function note(
  { which, event, handle }: StepOf<'note'>,
  at: (handle: number) => Bench,
  model: Model,
  check: Check,
): Promise<void> {
  const payment = model.payments.at(-1 - which)
  if (payment === undefined) return
  const holder = model.holderOf(payment) ?? handle
  const { ledger } = at(holder)
  const after = model.note(payment, event, holder)
  if (!('conflict' in after)) check.equal(await ledger.note(payment.id, event), after)
  else await check.rejects(() => ledger.note(payment.id, event), { name: 'LedgerError', code: 'LEDGER_CONFLICT' })
}

async function claim({ asked, handle }: StepOf<'claim'>, { bench, model, check }: Scene): Promise<void> {
  const claimant = createClaimant({ ...asked, nowSeconds: bench.clock.nowSeconds() })
  const expected = model.claim(claimant, handle)
  const claimed = await bench.ledger.claim(claimant)
  if (claimed.is !== 'nothing' || expected.is !== 'nothing') check.equal(claimed, expected)
  else check.equal(toIds(claimed.over), toIds(expected.over))
}

async function put({ kind, value, isRight }: StepOf<'put'>, { bench, model, check }: Scene): Promise<void> {
  const { ledger } = bench
  const expected = isRight ? model.register.get(kind) : 'something else'
  check.equal(await ledger.put(kind, FREEZE.key, value, expected), isRight)
  model.put(kind, value, expected)
  check.equal(await ledger.get(kind, FREEZE.key), model.register.get(kind))
}

/** In no order that is promised. */
function toIds(payments: readonly { readonly id: string }[]): readonly string[] {
  return payments.map(({ id }) => id).sort()
}
