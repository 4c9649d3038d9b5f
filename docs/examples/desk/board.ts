import { isX402Error } from 'pay402'
import type { Decision, Desk, Proposal, Spending } from 'pay402/desk'

/** All that the page shows, as JSON. */
export type Board = {
  /** In whose name this browser decides. */
  readonly you: string
  readonly nowSeconds: number
  /** Who froze the ledger, and why. */
  readonly frozen?: Awaited<ReturnType<Desk['frozen']>>
  /** The oldest first: what comes later never moves what a person is about to click. */
  readonly waiting: readonly Proposal[]
  /** What was decided, or expired: the newest first. */
  readonly past: readonly Proposal[]
  readonly decisions: readonly Decision[]
  readonly spending: readonly Spending[]
}

/** What a person wants, and what they saw when they decided. */
export type Wish = {
  /** Who they saw that they are: another tab may have signed in as someone else since. */
  readonly as: string
  readonly reason: string
} & (
  | { readonly want: 'approve' | 'deny'; readonly proposal: string; readonly seen: Proposal['state'] }
  | { readonly want: 'freeze' | 'thaw' }
)

/** What came of it, as a sentence for that person. */
export type Outcome = { readonly isDone: boolean; readonly told: string }

const MAX_DECISIONS = 40

/** Reads what the page shows. */
export async function readBoard(desk: Desk, you: string, nowSeconds: number): Promise<Board> {
  const [proposals, decisions, spending, frozen] = await Promise.all([
    desk.approvals(),
    desk.decisions({ limit: MAX_DECISIONS }),
    desk.spending(),
    desk.frozen(),
  ])
  const waiting = proposals
    .filter(({ state }) => state === 'pending')
    .sort((one, other) => one.createdAtSeconds - other.createdAtSeconds)
  const past = proposals.filter(({ state }) => state !== 'pending')
  return { you, nowSeconds, frozen, waiting, past, decisions, spending }
}

/**
 * Does what a person wants, if all is still as they saw it. If someone else was faster, nothing changes: a yes never overrides a no that its
 * person hasn't seen, nor the other way round.
 *
 * Call it one at a time, since it looks before it decides. A desk in another process can still come between the two; then the later one holds.
 */
export async function decide(desk: Desk, wish: Wish): Promise<Outcome> {
  if (wish.want === 'approve' || wish.want === 'deny') return decideProposal(desk, wish)
  const { want, as: by, reason } = wish
  const frozen = await desk.frozen()
  if (want === 'freeze') {
    if (frozen !== undefined) return tooLate(`${frozen.by ?? 'Someone'} had frozen all payments already`)
    await desk.freeze({ by, reason })
    return done('Frozen. No payment leaves until someone thaws.')
  }
  if (frozen === undefined) return tooLate('Someone had let payments go on already')
  await desk.thaw({ by, reason })
  return done('Payments go on.')
}

async function decideProposal(
  desk: Desk,
  { want, proposal: id, seen, as: by, reason }: Extract<Wish, { proposal: string }>,
): Promise<Outcome> {
  const found = (await desk.approvals()).find((one) => one.id === id)
  if (found === undefined) return tooLate('It is long over, and kept no more')
  if (found.state !== seen) return tooLate(sayWhatBecame(found, by))
  try {
    const price = found.dollars ?? found.price ?? 'it'
    if (want === 'approve') {
      await desk.approve(id, { by, reason })
      return done(`You said yes. The next call that asks for exactly this pays ${price}, once.`)
    }
    await desk.deny(id, { by, reason })
    return done(seen === 'approved' ? `You took the yes back. Nothing is paid.` : 'You said no. Nothing is paid.')
  } catch (error) {
    // What became of it in the meantime is a sentence for the person; anything else is a fault.
    if (isX402Error(error) && TOO_LATE.includes(error.code)) return { isDone: false, told: error.shortMessage }
    throw error
  }
}

const TOO_LATE = ['NO_PROPOSAL', 'PROPOSAL_EXPIRED', 'PROPOSAL_USED']

function sayWhatBecame({ state, by, reason }: Proposal, you: string): string {
  const who = by === you ? 'You' : (by ?? 'Someone')
  const why = reason === undefined ? '' : `, since “${reason}”`
  const isYes = { approved: true, used: true, denied: false, pending: undefined, expired: undefined }[state]
  if (isYes === undefined) return state === 'expired' ? 'It expired before anyone decided' : 'It waits again'
  const where = by === you ? ' in another tab' : ''
  return `${who} had said ${isYes ? 'yes' : 'no'} already${where}${why}${state === 'used' ? ', and it was paid' : ''}`
}

const done = (told: string): Outcome => ({ isDone: true, told })
const tooLate = (told: string): Outcome => ({ isDone: false, told: `${told}. What you clicked changed nothing.` })
