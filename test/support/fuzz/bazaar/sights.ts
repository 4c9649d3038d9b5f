import { ELSEWHERE } from './askers.js'
import type { Chronicle, Entry } from './chronicle.js'

/** What is to happen in some story, so that the rules about it are tried. */
export const SIGHTS = [
  ...['presented again', 'presented with the next credential', 'bought again', 'shared', 'bought under a lasting name'],
  ...['redirected within', 'REDIRECTED_ELSEWHERE', 'paid elsewhere', 'turned back', 'aborted after it paid'],
  ...['PAID_PERHAPS', 'PAID_NOT_DELIVERED', 'PURCHASE_KEY_REUSED', 'PURCHASE_UNDER_WAY', 'ALREADY_BOUGHT'],
  ...['LIMIT_TOTAL', 'LIMIT_COUNT', 'LIMIT_WINDOW', 'LIMIT_PER_PAYMENT', 'HOST_NOT_ALLOWED', 'CHALLENGE_REDIRECTED'],
  ...['SIGNED_TOO_LATE', 'prepaid', 'paid anew', 'PRICE_CHANGED', 'TERMS_CHANGED_WHILE_PAID'],
] as const

/** What happened in a story. */
export function listSights(chronicle: Chronicle): ReadonlySet<string> {
  const { entries } = chronicle
  return new Set(
    entries.flatMap((entry, place) => {
      const own = entries.slice(0, place).filter(({ call }) => call === entry.call)
      return [readStep(entry, own, chronicle), readEnd(entry, own), readClock(entry, entries[place - 1])].flat()
    }),
  )
}

function readStep(entry: Entry, own: readonly Entry[], { calls }: Chronicle): readonly string[] {
  if (entry.is === 'signed') {
    const isNamed = (calls[entry.call]?.asker ?? 0) >= 2
    return [...(isNamed ? ['bought under a lasting name'] : []), ...(has(own, 'answered') ? ['paid anew'] : [])]
  }
  if (entry.is === 'sent') return [...readSent(entry.url, own), ...(has(own, 'asked') ? [] : ['prepaid'])]
  if (entry.is !== 'noting') return []
  if (entry.isRenamed) return ['presented with the next credential']
  if (entry.event === 'forgotten') return ['bought again']
  return entry.event === 'sent' && !has(own, 'signed') ? ['presented again'] : []
}

function readEnd(entry: Entry, own: readonly Entry[]): readonly string[] {
  if (entry.is === 'aborted') return has(own, 'sent') && !has(own, 'ended') ? ['aborted after it paid'] : []
  if (entry.is !== 'ended') return []
  const { ending } = entry
  if ('code' in ending) return [ending.code]
  return ending.money !== undefined && !has(own, 'sent') ? ['shared'] : []
}

function readClock(entry: Entry, before: Entry | undefined): readonly string[] {
  return before !== undefined && entry.nowSeconds < before.nowSeconds ? ['turned back'] : []
}

function readSent(url: string, own: readonly Entry[]): readonly string[] {
  const before = own.findLast((one) => one.is === 'sent' || one.is === 'asked')
  const isFollowed = before?.is === 'sent' && new URL(before.url).pathname !== new URL(url).pathname
  return [...(isFollowed ? ['redirected within'] : []), ...(url.includes(ELSEWHERE) ? ['paid elsewhere'] : [])]
}

function has(own: readonly Entry[], is: Entry['is']): boolean {
  return own.some((one) => one.is === is)
}
