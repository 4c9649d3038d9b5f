/** A call as its caller wrote it. */
export type Written = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly key: string | undefined
  readonly tags: readonly string[]
  readonly delivers: readonly number[]
  /** The lasting name of the client that makes it, or of the nearest one above that has one. */
  readonly space: string | undefined
  /** How long its key doesn't buy again, in seconds; else as the client says. */
  readonly purchaseFor: number | undefined
}

/** What a client was told of its callers. */
export type Rules = {
  readonly resign: 'never' | 'when-over'
  readonly buyers: 'one' | 'many' | undefined
  readonly purchaseHeaders: readonly string[]
  readonly delivers: readonly number[]
  readonly purchaseFor: number | undefined
  readonly allowRedirectedOrigin: boolean
  /** Whether it pays with the first request where it knows the price, and what it would do if that had changed. */
  readonly prepay: 'refuse' | 'pay-new' | undefined
}

/** How a seller answers a paid request; `undefined` for a connection that breaks. */
export type Served = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly receipt: 'good' | 'accepted' | 'bad' | 'pending' | 'allowance' | 'none'
}

/** What became of the response. */
export type Fate = 'delivered' | 'answered' | 'lost'

/** A payment, as the oracle keeps it. */
export type Paid = {
  readonly nonce: string
  /** After a 401, that of the credential that it is presented with. */
  exact: string
  readonly coarse: string | undefined
  readonly request: string
  readonly written: Written
  /** Who asked for it to be paid. */
  readonly origin: string
  readonly asker: string
  /** When it was reserved: never before the payments before it, though the clock may have been set back. */
  readonly atSeconds: number
  readonly endSeconds: number
  /** How long its key doesn't buy again, in seconds: as the call said that made it, or one that presented it and said longer. */
  purchaseFor: number | undefined
  fate: Fate
  status: number | undefined
  isSettled: boolean
  isGivenUp: boolean
}

/** What a call is to do. */
export type Plan =
  | { readonly does: 'sign'; readonly givesUp: readonly Paid[] }
  | { readonly does: 'present'; readonly paid: Paid }
  | { readonly does: 'refuse'; readonly code: string; readonly money: 'untouched' | 'in-doubt' | 'settled' }

const CREDENTIALS = [
  ...['authorization', 'cookie', 'x-api-key', 'api-key', 'x-auth-token', 'x-access-token'],
  ...['x-tenant-id', 'x-user-id', 'proxy-authorization'],
]
const CHANGING = ['authorization', 'cookie']

/**
 * Names a purchase by what the caller wrote. Written from the decisions, and with nothing of `src`.
 *
 * @returns The exact name, the coarse one, and the request, which a key belongs to.
 */
export function nameOf(
  written: Written,
  { buyers, purchaseHeaders }: Pick<Rules, 'buyers' | 'purchaseHeaders'>,
): Pick<Paid, 'exact' | 'coarse' | 'request'> {
  const { method, key, tags, body = '', headers, space = '' } = written
  const url = new URL(written.url)
  const given = new Headers(headers)
  const digest = (without: readonly string[]) => {
    const named = [...CREDENTIALS, 'range', ...purchaseHeaders].filter((name) => !without.includes(name.toLowerCase()))
    const values = [...new Set(named.map((name) => name.toLowerCase()))].sort().map((name) => given.get(name) || null)
    const address = url.origin + url.pathname + url.search
    return JSON.stringify([space, method, address, body, values, [...new Set(tags)].sort()])
  }
  // Where there are many buyers, each token is one of theirs, and so are their keys.
  const request = digest(key !== undefined && buyers === 'many' ? [] : CHANGING)
  if (key !== undefined) {
    const who = buyers === 'many' ? [...CREDENTIALS, ...purchaseHeaders].map((name) => given.get(name) || null) : []
    return { exact: `${space} ${url.origin} ${key} ${JSON.stringify(who)}`, coarse: undefined, request }
  }
  const exact = buyers === 'one' ? request : digest([])
  return { exact, coarse: buyers === 'many' ? undefined : request, request }
}

/** What an answer to a payment means for what was bought. */
export function fateOf(
  served: Served | undefined,
  { delivers }: Pick<Written, 'delivers'>,
  rules: Pick<Rules, 'delivers'>,
): Fate {
  if (served === undefined) return 'lost'
  const { status, headers, receipt } = served
  if (isRefusal(served) || isRedirect(served)) return 'lost'
  if ([...delivers, ...rules.delivers].includes(status)) return 'delivered'
  if (status === 202) return receipt === 'good' || receipt === 'accepted' ? 'delivered' : 'lost'
  if (status < 400) return 'delivered'
  const isForNow = [408, 425, 429].includes(status) || 'retry-after' in headers || 'retry-after-ms' in headers
  return status < 500 && !isForNow ? 'answered' : 'lost'
}

/** Another 402, or the 412 of a missing allowance. */
export function isRefusal({ status, receipt }: Served): boolean {
  return status === 402 || (status === 412 && receipt === 'allowance')
}

/** A redirect that was followed, or that would lead elsewhere. */
export function isRedirect({ status, headers }: Served): boolean {
  return status >= 300 && status < 400 && headers['location'] !== undefined
}

/** Where a call is asked to pay, and when. */
export type Asked = { readonly origin: string; readonly asker: string; readonly nowSeconds: number }

/** What a call is to do that is asked to pay, after all that was paid before it. */
export function planOf(written: Written, asked: Asked, earlier: readonly Paid[], rules: Rules): Plan {
  const { nowSeconds } = asked
  const { exact, coarse, request } = nameOf(written, rules)
  const open = earlier.filter(({ fate, isGivenUp }) => fate !== 'delivered' && !isGivenUp)
  const own = open.filter((paid) => paid.exact === exact && !isOver(paid, rules, nowSeconds)).at(-1)
  if (own !== undefined) return planOwn(own, request, asked)
  const bought = earlier.filter((paid) => paid.exact === exact && nowSeconds < boughtUntil(paid)).at(-1)
  if (bought !== undefined) {
    const code = bought.request === request ? 'ALREADY_BOUGHT' : 'PURCHASE_KEY_REUSED'
    return { does: 'refuse', code, money: 'untouched' }
  }
  const alike = open.filter((paid) => coarse !== undefined && paid.coarse === coarse && paid.exact !== exact)
  const alive = alike.filter((paid) => !isOver(paid, rules, nowSeconds) && nowSeconds < aliveUntil(paid))
  const refused = alive.filter(({ fate, status }) => fate === 'answered' && status === 401)
  const next = refused.findLast(({ endSeconds }) => nowSeconds < endSeconds) ?? refused.at(-1)
  if (next !== undefined) return planOwn(next, request, asked)
  if (alive.length > 0) return { does: 'refuse', code: 'PAID_PERHAPS', money: 'untouched' }
  if (isFull(written, asked, earlier)) return { does: 'refuse', code: 'a limit', money: 'untouched' }
  return { does: 'sign', givesUp: open.filter((paid) => paid.exact === exact) }
}

function planOwn(own: Paid, request: string, { origin, nowSeconds }: Asked): Plan {
  if (own.written.key !== undefined && own.request !== request) {
    return { does: 'refuse', code: 'PURCHASE_KEY_REUSED', money: 'untouched' }
  }
  if (nowSeconds < own.endSeconds && own.origin === origin) return { does: 'present', paid: own }
  return own.isSettled
    ? { does: 'refuse', code: 'PAID_NOT_DELIVERED', money: 'settled' }
    : { does: 'refuse', code: 'PAID_PERHAPS', money: 'in-doubt' }
}

/** Until when a key that was delivered doesn't buy again. */
function boughtUntil({ written, fate, atSeconds, purchaseFor }: Paid): number {
  if (written.key === undefined || fate !== 'delivered' || purchaseFor === undefined) return Number.NEGATIVE_INFINITY
  return atSeconds + purchaseFor
}

/** How long the key of a payment doesn't buy again once another call has presented it: never less than before. */
export function longer(before: number | undefined, { purchaseFor }: Written, rules: Rules): number | undefined {
  const said = purchaseFor ?? rules.purchaseFor
  return said === undefined ? before : Math.max(before ?? 0, said)
}

/** Until when a lost payment keeps one whose token or cookie is another from buying: for as long as it can be taken, and for a minute at least. */
function aliveUntil({ atSeconds, endSeconds }: Pick<Paid, 'atSeconds' | 'endSeconds'>): number {
  return Math.max(endSeconds, atSeconds + 60)
}

/** Three payments for a team and all below it, one for each resource of its agent, and one for each tag of who has no name. */
function isFull(written: Written, { asker }: Asked, earlier: readonly Paid[]): boolean {
  const isOfTeam = (one: string) => one === 'team' || one === 'agent'
  if (isOfTeam(asker) && earlier.filter((paid) => isOfTeam(paid.asker)).length >= 3) return true
  const own = earlier.filter((paid) => paid.asker === asker)
  if (asker === 'agent') return own.some((paid) => resourceOf(paid.written) === resourceOf(written))
  return asker === 'unnamed' && own.some((paid) => paid.written.tags.some((tag) => written.tags.includes(tag)))
}

/** What is asked for, whatever its query. */
export function resourceOf({ method, url }: Pick<Written, 'method' | 'url'>): string {
  return `${method} ${new URL(url).pathname}`
}

function isOver({ written, fate, atSeconds, endSeconds }: Paid, { resign }: Rules, nowSeconds: number): boolean {
  const isAny = resign === 'when-over'
  if (written.key !== undefined && !isAny) return false
  if (fate === 'answered') return nowSeconds >= endSeconds + 60 && nowSeconds >= atSeconds + 180
  return (written.method === 'GET' || written.method === 'HEAD' || isAny) && nowSeconds >= endSeconds + 600
}
