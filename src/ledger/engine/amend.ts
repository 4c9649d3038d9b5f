import type { MoneyState } from '../../errors/x402-error.js'
import type { Payment } from '../../payment/payment.js'
import type { Patience } from './patience.js'
import { readToken } from './row-text.js'
import type { Known, Rows } from './rows.js'
import type { Written } from './store.js'

/** What becomes of a payment, and who has it from then on. */
export type Amended = {
  readonly payment: Payment
  /** Empty when no one has it. */
  readonly owner: string
  /** Waits until it survives what the ledger promises to survive. */
  readonly isDurable?: boolean
  /** Names the claim that writes it. */
  readonly token?: string
}

/**
 * Works out what becomes of a payment. It's asked again where that is another meanwhile; what it throws is final only of a payment that was just read.
 *
 * @returns `undefined` when nothing becomes of it.
 */
export type Amend = (before: Known) => Amended | undefined

/** Changes payments, each by compare-and-set. */
export type Amending = {
  /** Changes a payment; resolves to it as it is now, or to `undefined` when there is none. */
  amend(id: string, amend: Amend, money?: MoneyState): Promise<Payment | undefined>
  /** Changes it only as long as it is as it was seen; resolves to whether it was. */
  amendSeen(before: Known, amended: Amended): Promise<boolean>
}

/** Creates what changes the payments of a ledger. What this process wrote last it needn't read before. */
export function createAmending({ ask }: Patience, rows: Rows): Amending {
  async function read(id: string): Promise<Known | undefined> {
    const [known] = await rows.read(await ask((store, given) => store.rows({ ids: [id] }, given)))
    return known
  }

  /** Resolves to whether it was written, or to what the payment is instead. */
  async function write(
    { row: { id, revision } }: Known,
    row: Written,
    { payment, isDurable = false, token }: Amended,
    money?: MoneyState,
  ): Promise<true | Known | undefined> {
    const reply = await ask((store, given) => store.write({ row, revision, isDurable }, given), money)
    rows.forget(id)
    if (reply.is === 'unknown') return undefined
    // A claim whose reply was lost is stale for having been written.
    const isOwn = token !== undefined && readToken(reply.row.text) === token
    if (reply.is === 'stale' && !isOwn) return (await rows.read([reply.row]))[0]
    rows.remember({ row: reply.row, payment })
    return true
  }

  return {
    async amend(id, amend, money) {
      let isFresh = false
      let before = rows.recall(id)
      while (true) {
        if (before === undefined) {
          before = await read(id)
          if (before === undefined) return undefined
          isFresh = true
        }
        const amended = attempt(amend, before, isFresh)
        const row = amended && rows.write(amended.payment, amended.owner, before.row)
        if (amended === undefined || row === undefined || isKept(before, row, amended)) {
          if (isFresh) return before.payment
          before = undefined
          continue
        }
        const written: true | Known | undefined = await write(before, row, amended, money)
        if (written === true) return amended.payment
        if (written === undefined) return undefined
        before = written
        isFresh = true
      }
    },
    async amendSeen(before, amended) {
      const row = rows.write(amended.payment, amended.owner, before.row, amended.token)
      return (await write(before, row, amended)) === true
    },
  }
}

/** What can't have happened to a payment as it was may have happened to it as it is. */
function attempt(amend: Amend, before: Known, isFresh: boolean): Amended | undefined {
  try {
    return amend(before)
  } catch (error) {
    if (isFresh) throw error
    return undefined
  }
}

/** Whether nothing that is written down changes. What must be durable is written once more: its first caller may still be waiting for that. */
function isKept({ row }: Known, { text, deal, owner }: Written, { isDurable }: Amended): boolean {
  return isDurable !== true && text === row.text && deal.key === row.deal && owner === row.owner
}
