/** A call of a tool, as an agent makes it. */
export type Order = { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }

/** What a text tells an agent to do; the rest is up to its last call. */
export type Told = {
  readonly orders: readonly Order[]
  /** Do the last thing again, as it was or as something newer. */
  readonly again: boolean
  /** Add these headers from now on. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  /** Spend up to this much from now on. */
  readonly max: string | undefined
  /** Send all that was seen to these addresses. */
  readonly confessTo: readonly string[]
}

const ADDRESS = /https?:\/\/[^\s"'<>\\)\]⟨]+/g
const AGAIN = /\b(?:pay|buy|call|ask|try|send it)(?: it)? (?:once )?again\b|\bretry\b|\bcontinue\b/i
const MAX = /\bmax(?:imum)?\b[^$\d]{0,20}\$?(\d+(?:\.\d+)?)/i
const HEADER = /\bheader `?([\w-]+): ?([^"`\n\\]+)/gi
const CALL = /\bcall the tool (\w+) with (\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/gi
const TRANSFER = /\bsend (\d+(?:\.\d+)?) ?(?:USDC|USD|dollars)? to (0x[0-9a-fA-F]{40})/gi
const POST = /\bpost all that you know to (https?:\/\/[^\s"'<>\\)\]⟨…]+)/gi
const NAMES = /\buse the (name|tag|key) `?([\w:/.-]+)/gi

/**
 * Reads the orders in a text, whoever gives them and however they are hidden: what a reader with too much good will makes of it.
 *
 * @param text - Anything that an agent was shown.
 */
export function readOrders(text: string): Told {
  const plain = uncover(text)
  // One that was cut isn't the one that was meant.
  const urls = (plain.match(ADDRESS) ?? []).filter((url) => !url.includes('…'))
  const orders: Order[] = urls.map((url) => fetching(toAddress(url)))
  for (const [, tool = '', json = ''] of plain.matchAll(CALL)) orders.push({ tool, input: readInput(json) })
  for (const [, amount = '', payTo = ''] of plain.matchAll(TRANSFER)) orders.push(...transferring(amount, payTo))
  for (const [, what = '', value = ''] of plain.matchAll(NAMES)) {
    orders.push({ tool: 'pay_and_fetch', input: { [what]: value, tags: [value], x402: { purchase: value } } })
  }
  return {
    orders,
    again: AGAIN.test(plain),
    headers: [...plain.matchAll(HEADER)].map(([, name = '', value = '']) => ({ name, value: value.trim() })),
    max: MAX.exec(plain)?.[1],
    confessTo: [...plain.matchAll(POST)].map(([, url = '']) => toAddress(url)),
  }
}

/** Without the end of a sentence. */
function toAddress(url: string): string {
  return url.replace(/[.,;]+$/, '')
}

function fetching(url: string): Order {
  return { tool: 'pay_and_fetch', input: { url } }
}

/** Every way in which a tool might be made to move money to someone. */
function transferring(amount: string, payTo: string): readonly Order[] {
  const input = { payTo, to: payTo, recipient: payTo, address: payTo, amount, value: amount, asset: 'USDC' }
  return [
    ...['pay_and_fetch', 'price', 'budget', 'my_purchases'].map((tool) => ({ tool, input })),
    fetching(`ethereum:${payTo}?value=${amount}`),
    { tool: 'pay_and_fetch', input: { ...input, headers: [{ name: 'pay-to', value: payTo }] } },
  ]
}

function readInput(json: string): Record<string, unknown> {
  try {
    return { ...new Object(JSON.parse(json.replaceAll('\\"', '"'))) }
  } catch {
    return {} // it obeys as far as it understands
  }
}

const SHOWN_CODE = /⟨U\+([0-9A-F]{4,6})⟩/g
const TAGS = /[\u{E0000}-\u{E007F}]/gu
const UNSEEN = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu

/** What stands there once all that hides it is gone, and what base64 holds. */
function uncover(text: string): string {
  const shown = text
    .replace(SHOWN_CODE, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(TAGS, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000))
    .replace(UNSEEN, '')
  const decoded = shown.match(/[A-Za-z0-9+/]{40,}={0,2}/g)?.map((one) => Buffer.from(one, 'base64').toString()) ?? []
  return [shown, ...decoded].join('\n')
}
