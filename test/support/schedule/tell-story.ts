import { isOpen } from '../../../src/payment/purchase.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import type { Parts } from '../ledger/table-ledger.js'
import { createCustomer, type Ending, MOST_PAYMENTS } from './customer.js'
import type { Fault } from './gates.js'
import { createHouse, type House } from './house.js'
import { createShop, type Shop } from './shop.js'

/** A step at which something goes wrong, counted from 0 in the order in which steps are taken. */
export type Mishap = { readonly at: number; readonly fault: Fault }

/** What happens in which order. */
export type Story = {
  /** The process of each call; all calls ask for the same. */
  readonly processes: readonly (0 | 1)[]
  readonly key: string | undefined
  readonly mishaps: readonly Mishap[]
  /** Whose turn it is at each step, as a place among those who wait, counted round and round; after its end the first. */
  readonly turns: readonly number[]
  /** What is wrong with the ledger. @default nothing */
  readonly broken?: Partial<Parts>
}

/** How a story went. */
export type Told = {
  /** Among how many was chosen at each step. */
  readonly choices: readonly number[]
  readonly steps: readonly string[]
  /** What was broken; empty when the promise was kept. */
  readonly broken: readonly string[]
}

/** What one call signed, and how it ended; `undefined` when its process died before. */
type Call = { readonly signed: readonly string[]; ending: Ending | undefined }

/**
 * Has some calls made at once, with their steps in the order of the story. Then everything is started again, and as many calls are made as there are
 * open payments.
 */
export async function tellStory({ processes, key, mishaps, turns, broken }: Story): Promise<Told> {
  const clock = createManualClock()
  const shop = createShop()
  const house = createHouse(processes, clock, broken)
  const calls = processes.map((_, call): Call => {
    const wait = () => house.gates.arrive(call, 'wait').then(() => undefined)
    const send = shop.visit((work) => house.take(call, 'send', work))
    const customer = createCustomer({ ledger: house.ledgerOf(call), clock: { ...clock, wait } }, send)
    const one: Call = { signed: customer.signed, ending: undefined }
    void customer.buy(key).then((ending) => (one.ending = ending))
    return one
  })

  const steps: string[] = []
  const choices: number[] = []
  const countMoving = () => calls.filter(({ ending }, call) => ending === undefined && house.isAlive(call)).length
  while (countMoving() > 0) {
    const waiting = await house.gates.settle(countMoving)
    // What is sent meets nobody but the seller, so its place among the steps of others makes no difference.
    const sends = waiting.filter(({ step }) => step === 'send').slice(0, 1)
    const ready = sends.length > 0 ? sends : waiting
    const next = ready[(turns[choices.length] ?? 0) % Math.max(1, ready.length)]
    if (next === undefined) continue // the last one ended meanwhile
    const fault = mishaps.find(({ at }) => at === choices.length)?.fault
    choices.push(ready.length)
    steps.push(`${next.call}: ${next.step}${fault === undefined ? '' : ` (${fault})`}`)
    next.pass(fault)
  }
  const during = [...house.reservedBeside, ...calls.flatMap((call) => judgeCall(call, shop))]
  const after = await recover({ house, shop, key, clock })
  return { choices, steps, broken: [...during, ...after, ...judgeBooks(house, shop, key)] }
}

/** One call makes one payment at most, and knows where its money is. */
function judgeCall({ signed, ending }: Call, { taken }: Pick<Shop, 'taken'>): readonly string[] {
  const isTaken = signed.some((nonce) => taken.has(nonce))
  const isToldOtherwise = isTaken && (ending?.money === 'untouched' || ending?.money === 'released')
  return [
    ...(signed.length > 1 ? [`one call signed ${signed.length} payments`] : []),
    ...(isToldOtherwise ? [`a call whose payment was taken ended with ${ending.code}, ${ending.money}`] : []),
  ]
}

type Restart = {
  readonly house: House
  readonly shop: ReturnType<typeof createShop>
  readonly clock: ManualClock
} & Pick<Story, 'key'>

/** Everything has been started again: what is open is delivered without another signature. */
async function recover({ house, shop, key, clock }: Restart): Promise<readonly string[]> {
  const ledger = house.startAgain()
  const found: string[] = []
  const open = house.rows().filter(isOpen)
  for (const { id } of open) {
    const customer = createCustomer(
      { ledger, clock },
      shop.visit((work) => work()),
    )
    const { status, code } = await customer.buy(key)
    if (status !== 200) found.push(`open payment ${id} was not delivered afterwards: ${status ?? code}`)
    if (customer.signed.length > 0) found.push(`another payment was signed while ${id} was open`)
  }
  return found
}

/** All that was taken counts, within the limits; and one key is paid once, unless each payment brought what it bought. */
function judgeBooks(house: House, shop: ReturnType<typeof createShop>, key: string | undefined): readonly string[] {
  const counted = house.rows().filter(({ state }) => state === 'sent' || state === 'settled')
  const nonces = new Set(counted.map(({ nonce }) => nonce))
  const uncounted = [...shop.taken].filter((nonce) => !nonces.has(nonce))
  const { size } = shop.taken
  return [
    ...(uncounted.length > 0 ? [`${uncounted.length} payments were taken and don't count`] : []),
    ...(size > MOST_PAYMENTS ? [`${size} payments were taken where ${MOST_PAYMENTS} are allowed`] : []),
    ...(key !== undefined && size > 1 && !shop.isEachDelivered() ? ['one key was paid for twice'] : []),
  ]
}
