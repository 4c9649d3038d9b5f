import { isRedirect, isRefusal } from '../purchase-oracle.js'
import type { Entry, Happening } from './chronicle.js'
import { writeRequest } from './open-bazaar.js'
import type { Seen } from './seen-payments.js'

type Of<Is extends Happening['is']> = Entry & Extract<Happening, { readonly is: Is }>

/** Headers that say who the caller is, and are for the origin alone that it wrote them for. */
const IDENTITY = ['authorization', 'cookie', 'proxy-authorization']

/** R5: what is paid for is the request that was made. R8: and it goes to the origin that asked for the payment. */
export function judgeRequests(seen: Seen): readonly string[] {
  return seen.entries.flatMap((entry, place) => {
    if (entry.is !== 'sent') return []
    const asked = askedOf(seen, entry.call, place)
    return [...judgePlace(entry, asked, seen), ...judgeRequest(entry, place, asked, seen)]
  })
}

const originOf = (url: string) => new URL(url).origin

function judgePlace({ call, url, nonce }: Of<'sent'>, asked: string | undefined, seen: Seen): readonly string[] {
  const found: string[] = []
  if (asked === undefined || originOf(url) !== originOf(asked)) {
    found.push(`R8: call ${call} sent its payment to ${originOf(url)}`)
  }
  if (isElsewhere(call, asked, seen) && !seen.nature.allowRedirectedOrigin) {
    found.push(`R8: call ${call} paid another origin than the one that it asked`)
  }
  const payment = seen.findByNonce(nonce)
  if (payment !== undefined && originOf(payment.asked) !== originOf(url)) {
    found.push(`R8: call ${call} presented what ${originOf(payment.asked)} asked for to ${originOf(url)}`)
  }
  return found
}

function judgeRequest(entry: Of<'sent'>, place: number, asked: string | undefined, seen: Seen): readonly string[] {
  const { call, url, request } = entry
  const { written } = seen.calls[call] ?? fail()
  const isOther = isElsewhere(call, asked, seen)
  const found: string[] = []
  if (request !== writeRequest(toInit(written, isOther))) found.push(`R5: call ${call} sent another request`)
  if (isOther && IDENTITY.some((name) => request.includes(`"${name}"`))) {
    found.push(`R8: call ${call} told another origin who it is`)
  }
  if (!isAskedFor(entry, place, asked, seen)) found.push(`R5: call ${call} was sent to ${url}`)
  return found
}

function isElsewhere(call: number, asked: string | undefined, { calls }: Seen): boolean {
  const { written } = calls[call] ?? fail()
  return asked !== undefined && originOf(asked) !== originOf(written.url)
}

function askedOf({ entries, calls, nature }: Seen, call: number, place: number): string | undefined {
  const asked = entries.findLast((one, at): one is Of<'asked'> => at < place && one.is === 'asked' && one.call === call)
  // Who prepays asks nobody, and pays where it calls.
  return asked?.url ?? (nature.prepay && calls[call]?.written.url)
}

function toInit({ method, headers, body }: Seen['calls'][number]['written'], isElsewhere: boolean): RequestInit {
  const sent = new Headers(headers)
  if (isElsewhere) for (const name of IDENTITY) sent.delete(name)
  return { method, headers: sent, ...(body !== undefined && { body }) }
}

/** The address that asked, or one that the seller named in its answer to the same payment before. */
function isAskedFor({ call, url }: Of<'sent'>, place: number, asked: string | undefined, { entries }: Seen): boolean {
  const plain = (text: string) => text.split('#')[0]
  if (asked !== undefined && plain(url) === plain(asked)) return true
  const before = entries.findLastIndex((one, at) => at < place && one.is === 'sent' && one.call === call)
  const answer = entries.findLast(
    (one, at): one is Of<'answered'> => at > before && at < place && one.is === 'answered' && one.call === call,
  )
  const [from, location] = [entries[before], answer?.told?.headers['location']]
  if (from?.is !== 'sent' || location === undefined || !URL.canParse(location, from.url)) return false
  return plain(new URL(location, from.url).href) === plain(url)
}

/** R6: nobody is told that money is untouched that isn't. R7: every call ends, with its answer where one came. */
export function judgeEndings(seen: Seen): readonly string[] {
  return seen.calls.flatMap((_, call) => {
    const ended = seen.entries.find((one): one is Of<'ended'> => one.is === 'ended' && one.call === call)
    if (ended === undefined) return [`R7: call ${call} never ended`]
    return [...judgeMoney(ended, seen), ...judgeAnswer(ended, seen)]
  })
}

function judgeMoney({ call, ending }: Of<'ended'>, { entries }: Seen): readonly string[] {
  const own = entries.filter((one) => one.call === call)
  const hasSent = own.some(({ is }) => is === 'sent')
  const hasSigned = own.some(({ is }) => is === 'signed')
  const told = ending.money ?? 'none'
  if (hasSent && !['in-doubt', 'settled'].includes(told)) return [`R6: call ${call} paid, and was told ${told}`]
  if (hasSigned && told === 'untouched' && !hasFailedToSign(own))
    return [`R6: call ${call} signed, and was told ${told}`]
  const isGood = own.some((one) => one.is === 'answered' && one.told?.receipt === 'good')
  const isKnown = entries.some((one) => one.is === 'answered' && one.told?.receipt === 'good')
  if (told === 'settled' && !isGood && !isKnown) return [`R6: call ${call} was told settled, and nobody said so`]
  return []
}

/** It was aborted while the wallet signed, so that what it signed was dropped. */
function hasFailedToSign(own: readonly Entry[]): boolean {
  const signed = own.findIndex(({ is }) => is === 'signed')
  const dropped = own.findIndex((one) => one.is === 'noting' && one.event === 'released')
  return own.some(({ is }, place) => is === 'aborted' && place < dropped) && dropped > signed
}

function judgeAnswer({ call, ending }: Of<'ended'>, { entries }: Seen): readonly string[] {
  const own = entries.filter((one) => one.call === call)
  const answer = own.findLast((one): one is Of<'answered'> => one.is === 'answered')
  if (answer?.told === undefined) return []
  const isHandedOver = !isRefusal(answer.told) && !isRedirect(answer.told)
  const isAborted = own.some(({ is }) => is === 'aborted')
  if (!isHandedOver || isAborted) return []
  const { status } = answer.told
  const isIt = 'status' in ending && ending.status === status
  return isIt ? [] : [`R7: call ${call} was answered with ${status}, and not handed that`]
}

function fail(): never {
  throw new Error('a call that nobody made')
}
