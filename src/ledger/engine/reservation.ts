import type { Cap, Refusal } from '../../payment/ledger.js'
import { type Draft, openPayment, type Payment } from '../../payment/payment.js'
import { CLOCK } from '../book/ledger-time.js'
import type { Warnings } from '../book/warnings.js'
import { toCapRequests } from './caps.js'
import { createUnavailable } from './error.js'
import { createJudge, type Judged } from './judge.js'
import { markPurchase } from './marks.js'
import type { Patience } from './patience.js'
import type { Processes } from './processes.js'
import type { Rows } from './rows.js'
import type { ReserveReply, ReserveRequest, Row } from './store.js'
import type { Times } from './times.js'
import type { Updater } from './updater.js'

/** What payments are reserved with. */
export type ReserveParts = {
  readonly name: string
  readonly self: string
  readonly patience: Patience
  readonly rows: Rows
  readonly updater: Updater
  readonly processes: Processes
  readonly times: Times
  readonly nowSeconds: () => number
  readonly drawToken: () => string
  readonly warnings: Warnings
}

/**
 * Creates what reserves payments: it asks the engine by what is usual, and where that isn't so, judges by what the engine replied and asks again.
 *
 * @returns Takes a draft, the caps that hold for it, and the id that the payment is to have.
 */
export function createReserve(
  parts: ReserveParts,
): (draft: Draft, caps: readonly Cap[], id: string) => Promise<Payment | Refusal> {
  const { name, self, rows, updater, processes, times, nowSeconds, drawToken, warnings } = parts
  const { ask } = parts.patience
  const judge = createJudge(rows, times)

  /** What is new of the clock is kept, although nothing is reserved. */
  async function keepTime({ seen: { time }, fall }: Judged): Promise<void> {
    if (time?.value === undefined) return
    const put = { name: CLOCK.kind, text: time.value, revision: time.revision, token: drawToken() }
    if (await ask((store, given) => store.put(put, given))) warnings.tellFall(fall)
  }

  /** Judges what the engine replied; resolves to what refuses the payment, or to what was seen. */
  async function judgeAgain(draft: Draft, reply: Unseen): Promise<Judged> {
    const judged = await judge.judge(draft, reply)
    for (const known of judged.over) await updater.updateSeen(known, { ...known, owner: known.row.owner })
    if (judged.refusal !== undefined) await keepTime(judged)
    return judged
  }

  const askFor = (request: ReserveRequest) => ask((store, given) => store.reserve(request, given))

  function take(draft: Draft, row: Row): Payment {
    // Its reply was lost, and it was asked for again once others had given back what it held: that may be another's by now.
    if (row.revision > 1) throw createUnavailable(name, 'it could not be reached for so long that a payment was ended')
    const payment = openPayment(draft, row.id, row.atSeconds)
    judge.learn(draft)
    rows.remember({ row, payment })
    return payment
  }

  /** Does what makes the step worth asking again; resolves to what was judged anew. */
  async function prepare(draft: Draft, reply: ReserveReply): Promise<Judged | undefined> {
    if (reply.is === 'gone') await processes.end(reply.owner)
    return reply.is === 'unseen' ? judgeAgain(draft, reply) : undefined
  }

  return async (draft, caps, id) => {
    const names = markPurchase(draft.call)
    const row = rows.write(openPayment(draft, id, 0), self)
    let judged: Judged | undefined
    while (judged?.refusal === undefined) {
      const seen = judged?.seen ?? judge.usual(draft)
      const counting = toCapRequests(draft, caps, seen.time?.nowSeconds ?? nowSeconds())
      const reply = await askFor({ row, names, seen, caps: counting.map(({ request }) => request) })
      if (reply.is === 'reserved' || reply.is === 'full') {
        warnings.tellFall(judged?.fall)
        return reply.is === 'reserved' ? take(draft, reply.row) : toRefusal(reply, counting)
      }
      judged = (await prepare(draft, reply)) ?? judged
    }
    return judged.refusal
  }
}

type Unseen = Extract<ReserveReply, { readonly is: 'unseen' }>
type Full = Extract<ReserveReply, { readonly is: 'full' }>

function toRefusal({ cap: index, held, spent }: Full, counting: readonly { readonly cap: Cap }[]): Refusal {
  const cap = counting[index]?.cap as Cap // it is one of those that were sent
  return { by: 'cap', cap, held: BigInt(held), spent: BigInt(spent) }
}
