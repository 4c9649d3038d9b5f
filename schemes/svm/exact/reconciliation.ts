import type { ChainVerdict, Described } from '../../../src/payment/scheme.js'
import { type Address, readAddress } from '../address.js'
import type { Commitment, SignatureEntry, SvmCluster } from '../cluster/cluster.js'
import { readTransferNonce, type TransferLife } from './transfer-nonce.js'

/** Entries that one question for an address's transactions brings at most. Source: Solana RPC, `getSignaturesForAddress`. */
const PAGE = 1_000

/** Pages that are read at most: twenty thousand payments since the one that is asked about. */
const MAX_PAGES = 20

/** Transactions that are looked into at most; beyond, nothing is said. */
const MAX_LOOKUPS = 1_000

/** Questions at once. */
const AT_ONCE = 8

/**
 * Asks every source what became of a transaction, and believes them by what a lie would cost.
 *
 * "Spent" needs one source: at worst money stays counted. Anything else needs all of them, since a payment that is wrongly called dead
 * is signed again.
 *
 * The buyer doesn't know the transaction's name, which is the fee payer's signature and comes later. But the transaction is among those
 * that mention the buyer, between the slot in which it was signed and the last block that may hold it, and it has the buyer's signature.
 *
 * @returns `unknown` when a source fails, whatever the reason, or can't show all of that, or when they disagree.
 */
export async function reconcileTransfer(clusters: readonly SvmCluster[], described: Described): Promise<ChainVerdict> {
  const nonce = readTransferNonce(described.nonce)
  const payer = readAddress(described.payer)
  if (nonce?.life === undefined || 'problem' in payer) return UNKNOWN
  const wanted = { ...nonce.life, signature: nonce.signature, payer: payer.value }
  const verdicts = await Promise.all(clusters.map((cluster) => judge(cluster, wanted).catch(() => UNKNOWN)))
  const spent = verdicts.filter(({ verdict }) => verdict === 'spent')
  const [first, ...others] = spent.length > 0 ? spent : verdicts
  if (first === undefined || others.some(({ verdict }) => verdict !== first.verdict)) return UNKNOWN
  return [first, ...others].find(({ transaction }) => transaction !== undefined) ?? first
}

const UNKNOWN: ChainVerdict = { verdict: 'unknown' }

type Wanted = TransferLife & { readonly signature: string; readonly payer: Address }

/** What one source says. */
async function judge(cluster: SvmCluster, wanted: Wanted): Promise<ChainVerdict> {
  const head = await cluster.readHead('finalized')
  const isOver = head.blockHeight > wanted.lastValidBlockHeight
  // What is final can't be undone, and until then it may also be looked for where it still can.
  const commitment = isOver ? 'finalized' : 'confirmed'
  const all = await listEntries(cluster, wanted, { commitment, minContextSlot: head.slot })
  if (all === undefined) return UNKNOWN
  const entries = isOver ? await dropLaterThanLife(cluster, all, wanted) : all
  const found = await findTransaction(cluster, entries, wanted, commitment)
  if (found === 'hidden') return UNKNOWN
  if (found?.isSuccess) return { verdict: 'spent', transaction: found.transaction }
  if (!isOver) return { verdict: 'unspent' }
  // It failed on the cluster, and no transaction is taken twice.
  if (found !== undefined) return { verdict: 'unspent-and-dead', transaction: found.transaction }
  // A source that has dropped that part of its history has nothing to show either way.
  const first = await cluster.readFirstAvailableSlot()
  return { verdict: first <= wanted.fromSlot ? 'unspent-and-dead' : 'unknown' }
}

/** All that mention the payer since the payment was signed, oldest first; `undefined` when they are too many to look through. */
async function listEntries(
  cluster: SvmCluster,
  { payer, fromSlot }: Wanted,
  view: { commitment: Commitment; minContextSlot: bigint },
): Promise<readonly SignatureEntry[] | undefined> {
  const entries: SignatureEntry[] = []
  for (let page = 0; page < MAX_PAGES; page++) {
    const read = await cluster.readSignatures(payer, { limit: PAGE, before: entries.at(-1)?.signature, ...view })
    entries.push(...read)
    const oldest = read.at(-1)
    // A short page isn't taken for the last one: some sources give fewer than they are asked for.
    if (oldest === undefined || oldest.slot < fromSlot) return entries.filter(({ slot }) => slot >= fromSlot).reverse()
  }
  return undefined
}

/** Cuts off what is in blocks that can't hold it any more, by halves, so that a busy buyer's whole day isn't looked into. */
async function dropLaterThanLife(
  cluster: SvmCluster,
  entries: readonly SignatureEntry[],
  { lastValidBlockHeight }: Wanted,
): Promise<readonly SignatureEntry[]> {
  let [low, high] = [0, entries.length]
  while (high > AT_ONCE && low < high) {
    const middle = Math.floor((low + high) / 2)
    const entry = entries[middle]
    const isLater = entry !== undefined && (await cluster.readBlockHeight(entry.slot)) > lastValidBlockHeight
    if (isLater) high = middle
    else low = middle + 1
  }
  return entries.slice(0, high)
}

/** `'hidden'` when it may be among some that the source doesn't show, or among more than are looked into. */
async function findTransaction(
  cluster: SvmCluster,
  entries: readonly SignatureEntry[],
  { signature }: Wanted,
  commitment: Commitment,
): Promise<{ transaction: string; isSuccess: boolean } | 'hidden' | undefined> {
  if (entries.length > MAX_LOOKUPS) return 'hidden'
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const some = entries.slice(start, start + AT_ONCE)
    const read = await Promise.all(some.map((entry) => cluster.readTransaction(entry.signature, commitment)))
    for (const [index, transaction] of read.entries()) {
      const entry = some[index]
      if (entry === undefined || transaction === undefined) return 'hidden'
      if (transaction.signatures.includes(signature)) {
        return { transaction: entry.signature, isSuccess: transaction.isSuccess }
      }
    }
  }
  return undefined
}
