import { isX402Error, type MoneyState } from '../../errors/x402-error.js'
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

type Tried = { readonly after: Payment; readonly isKept: boolean } | { readonly now: Known | undefined }

/** Creates what changes the payments of a ledger. What this process wrote last it needn't read before. */
export function createAmending({ ask }: Patience, rows: Rows): Amending {
  async function read(id: string): Promise<Known | undefined> {
    const [known] = await rows.read(await ask((store, given) => store.rows({ ids: [id] }, given)))
    return known
  }

  /** Resolves to what the payment has become, or to what it is instead of what it was taken for. */
  async function write(
    { row: { id, revision } }: Known,
    row: Written,
    amended: Amended,
    money?: MoneyState,
  ): Promise<Tried> {
    const { payment, isDurable = false, token } = amended
    const reply = await ask((store, given) => store.write({ row, revision, isDurable }, given), money)
    rows.forget(id)
    if (reply.is === 'unknown') return { now: undefined }
    // A claim whose reply was lost is stale for having been written.
    const isOwn = token !== undefined && readToken(reply.row.text) === token
    if (reply.is === 'stale' && !isOwn) return { now: (await rows.read([reply.row]))[0] }
    rows.remember({ row: reply.row, payment })
    return { after: payment, isKept: false }
  }

  async function attempt(before: Known, amend: Amend, money?: MoneyState): Promise<Tried> {
    const amended = amend(before)
    const row = amended && rows.write(amended.payment, amended.owner, before.row)
    if (amended === undefined || row === undefined || isKept(before, row, amended)) {
      return { after: before.payment, isKept: true }
    }
    return write(before, row, amended, money)
  }

  /** By what this process wrote last, which others may have changed since: only what is written by it is final. */
  async function attemptRecalled(id: string, amend: Amend, money?: MoneyState): Promise<Tried> {
    const recalled = rows.recall(id)
    try {
      const tried = recalled && (await attempt(recalled, amend, money))
      if (tried !== undefined && !('isKept' in tried && tried.isKept)) return tried
    } catch (error) {
      if (!isX402Error(error) || error.code !== 'LEDGER_CONFLICT') throw error
    }
    return { now: await read(id) }
  }

  return {
    async amend(id, amend, money) {
      let tried = await attemptRecalled(id, amend, money)
      while ('now' in tried) {
        if (tried.now === undefined) return undefined
        tried = await attempt(tried.now, amend, money)
      }
      return tried.after
    },
    async amendSeen(before, amended) {
      const row = rows.write(amended.payment, amended.owner, before.row, amended.token)
      return 'after' in (await write(before, row, amended))
    },
  }
}

/** Whether nothing that is written down changes. What must be durable is written once more: its first caller may still be waiting for that. */
function isKept({ row }: Known, { text, deal, owner }: Written, { isDurable }: Amended): boolean {
  return isDurable !== true && text === row.text && deal.key === row.deal && owner === row.owner
}
