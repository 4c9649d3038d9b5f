import { isX402Error, type MoneyState } from '../../errors/x402-error.js'
import type { Payment } from '../../payment/payment.js'
import type { Patience } from './patience.js'
import { readToken } from './row-text.js'
import type { Rows, StoredPayment } from './rows.js'
import type { RowContent } from './store.js'

/** What becomes of a payment, and who has it from then on. */
export type Change = {
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
export type DecideChange = (before: StoredPayment) => Change | undefined

/** Changes payments, each by compare-and-set. */
export type Updater = {
  /** Changes a payment; resolves to it as it is now, or to `undefined` when there is none. */
  update(id: string, decide: DecideChange, money?: MoneyState): Promise<Payment | undefined>
  /** Changes it only as long as it is as it was seen; resolves to whether it was. */
  updateSeen(before: StoredPayment, change: Change): Promise<boolean>
}

type Outcome = { readonly after: Payment; readonly isKept: boolean } | { readonly now: StoredPayment | undefined }

/** Creates what changes the payments of a ledger. What this process wrote last it needn't read before. */
export function createUpdater({ ask }: Patience, rows: Rows): Updater {
  async function read(id: string): Promise<StoredPayment | undefined> {
    const [known] = await rows.read(await ask((store, given) => store.rows({ ids: [id] }, given)))
    return known
  }

  /** Resolves to what the payment has become, or to what it is instead of what it was taken for. */
  async function write(
    { row: { id, revision } }: StoredPayment,
    row: RowContent,
    change: Change,
    money?: MoneyState,
  ): Promise<Outcome> {
    const { payment, isDurable = false, token } = change
    const reply = await ask((store, given) => store.write({ row, revision, isDurable }, given), money)
    rows.forget(id)
    if (reply.is === 'unknown') return { now: undefined }
    // A claim whose reply was lost is stale for having been written.
    const isOwn = token !== undefined && readToken(reply.row.text) === token
    if (reply.is === 'stale' && !isOwn) return { now: (await rows.read([reply.row]))[0] }
    rows.remember({ row: reply.row, payment })
    return { after: payment, isKept: false }
  }

  async function attempt(before: StoredPayment, decide: DecideChange, money?: MoneyState): Promise<Outcome> {
    const change = decide(before)
    const row = change && rows.write(change.payment, change.owner, before.row)
    if (change === undefined || row === undefined || isKept(before, row, change)) {
      return { after: before.payment, isKept: true }
    }
    return write(before, row, change, money)
  }

  /** By what this process wrote last, which others may have changed since: only what is written by it is final. */
  async function attemptRecalled(id: string, decide: DecideChange, money?: MoneyState): Promise<Outcome> {
    const recalled = rows.recall(id)
    try {
      const outcome = recalled && (await attempt(recalled, decide, money))
      if (outcome !== undefined && !('isKept' in outcome && outcome.isKept)) return outcome
    } catch (error) {
      if (!isX402Error(error) || error.code !== 'LEDGER_CONFLICT') throw error
    }
    return { now: await read(id) }
  }

  return {
    async update(id, decide, money) {
      let outcome = await attemptRecalled(id, decide, money)
      while ('now' in outcome) {
        if (outcome.now === undefined) return undefined
        outcome = await attempt(outcome.now, decide, money)
      }
      return outcome.after
    },
    async updateSeen(before, change) {
      const row = rows.write(change.payment, change.owner, before.row, change.token)
      return 'after' in (await write(before, row, change))
    },
  }
}

/** Whether nothing that is written down changes. What must be durable is written once more: its first caller may still be waiting for that. */
function isKept({ row }: StoredPayment, { text, deal, owner }: RowContent, { isDurable }: Change): boolean {
  return isDurable !== true && text === row.text && deal.key === row.deal && owner === row.owner
}
