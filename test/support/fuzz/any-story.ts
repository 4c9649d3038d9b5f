import fc from 'fast-check'
import type { Rules, Served, Written } from './purchase-oracle.js'

/** Where everything is sold, and where a seller sends its callers now and then. */
export const ORIGIN = 'https://api.example.com'
export const ELSEWHERE = 'https://elsewhere.example'
/** Mostly the first one, so that calls meet. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 4 }, { arbitrary: fc.constantFrom(...others), weight: 1 })

/** A call like many. */
export const written: fc.Arbitrary<Written> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD'),
  url: mostly(`${ORIGIN}/a`, `${ORIGIN}/a#there`, `${ORIGIN}/b`, `${ORIGIN}/a?sid=1`),
  headers: fc
    .record({
      authorization: mostly('', 'Bearer 1', 'Bearer 2'),
      cookie: mostly('', 'sid=1', 'sid=2'),
      'x-api-key': mostly('', 'Ann', 'Bob'),
      'X-Shop-User': mostly('', 'Carol'),
      range: mostly('', 'bytes=0-1'),
      accept: mostly('', 'text/plain'),
    })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))),
  body: fc.constant(undefined),
  key: fc.constantFrom(undefined, undefined, undefined, 'order 1', 'order 2'),
  tags: mostly<readonly string[]>([], ['a'], ['b']),
  delivers: mostly<readonly number[]>([], [404, 412, 503]),
  space: fc.constant(undefined),
  purchaseFor: mostly<number | undefined>(undefined, 100, 86_400),
})

/** How a paid request is answered; `undefined` for a connection that breaks. */
export type Told = Served | undefined

/** An answer to a payment. */
export const told: fc.Arbitrary<Told> = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 1 },
  {
    arbitrary: fc.record<Served>({
      status: fc.constantFrom(
        ...[
          200, 200, 201, 202, 204, 302, 303, 307, 308, 400, 401, 401, 402, 402, 403, 404, 404, 408, 409, 410, 412, 413,
        ],
        ...[425, 429, 451, 500, 502, 503, 504, 599],
      ),
      headers: fc
        .record({
          'retry-after': mostly('', '0', '1', 'soon', '99999'),
          'retry-after-ms': mostly('', '0', '20'),
          location: mostly('', '/next', '?a', 'https://elsewhere.example/', 'http://['),
        })
        .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))),
      receipt: fc.constantFrom('none', 'none', 'good', 'accepted', 'bad', 'pending', 'allowance'),
    }),
    weight: 9,
  },
)

/** Who asks: a client, or one that it restricts; see {@link openToldShop}. */
export const ASKER_NAMES = ['wide', 'team', 'agent', 'unnamed'] as const
export type AskerName = (typeof ASKER_NAMES)[number]

/** The lasting names of those who have one. */
const SPACES: Readonly<Partial<Record<AskerName, string>>> = { team: 'team', agent: 'team/agent' }

/** One call, how long after the one before it, and how its seller behaves. */
export type Try = {
  readonly call: Written
  readonly asker: AskerName
  /** Whether the seller moves it to another address of its own, or to another seller, before it asks to be paid. */
  readonly isMoved: 'no' | 'within' | 'elsewhere'
  readonly answers: readonly Told[]
  readonly pause: number
}

const tries: fc.Arbitrary<readonly Try[]> = fc.array(
  fc.record({
    call: written,
    asker: mostly<AskerName>('wide', ...ASKER_NAMES),
    isMoved: mostly<Try['isMoved']>('no', 'within', 'elsewhere'),
    answers: fc.array(told, { minLength: 1, maxLength: 3 }),
    // Now and then somebody sets the clock back.
    pause: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 59, 60, 61, 125, 185, 665, 86_400, -1, -60, -4_000),
  }),
  { minLength: 2, maxLength: 7 },
)

/** The same headers with another token, as one that was refreshed, or as another user's. */
export function withToken(headers: Written['headers'], token: string): Written['headers'] {
  return { ...headers, authorization: token }
}

/** In what a call differs from the first: in one thing at most. */
const change: fc.Arbitrary<(call: Written, first: Written) => Partial<Written>> = fc.oneof(
  {
    arbitrary: fc
      .subarray(['method', 'url', 'headers', 'key', 'tags', 'delivers', 'body', 'purchaseFor'] as const, {
        maxLength: 1,
      })
      .map((names) => (call: Written) => Object.fromEntries(names.map((name) => [name, call[name]]))),
    weight: 4,
  },
  {
    arbitrary: fc.constantFrom('Bearer 1', 'Bearer 2').map((token) => (_call: Written, { headers }: Written) => ({
      headers: withToken(headers, token),
    })),
    weight: 1,
  },
)

/** Calls that differ from one in little, mostly of one who asks: that is how a retry looks. */
export const story: fc.Arbitrary<readonly Try[]> = fc
  .tuple(written, fc.constantFrom(...ASKER_NAMES), tries)
  .chain(([first, asker, others]) =>
    fc.array(change, { minLength: others.length, maxLength: others.length }).map((changes) =>
      others.map((one, index) => ({
        ...one,
        asker: one.asker === 'wide' ? asker : one.asker,
        call: { ...first, ...changes[index]?.(one.call, first) },
      })),
    ),
  )
  .map((all) => all.map((one, index) => ({ ...one, call: withPlace(withBody(one.call, index), one.asker) })))

function withPlace(call: Written, asker: AskerName): Written {
  return { ...call, space: SPACES[asker] }
}

/** A POST has a body, which now and then is another. */
function withBody(call: Written, index: number): Written {
  return call.method === 'POST' ? { ...call, body: index % 4 === 3 ? 'two' : 'one' } : call
}

/** What a client is told of its callers. */
export const rules: fc.Arbitrary<Rules> = fc.record({
  resign: fc.constantFrom('never', 'never', 'when-over'),
  buyers: fc.constantFrom(undefined, undefined, 'one', 'many'),
  purchaseHeaders: fc.constantFrom([], ['x-shop-user'], ['X-SHOP-USER']),
  delivers: fc.constantFrom([], [], [409]),
  purchaseFor: fc.constantFrom(undefined, undefined, 100, 86_400),
  allowRedirectedOrigin: fc.boolean(),
  prepay: fc.constantFrom(undefined, undefined, 'refuse', 'pay-new'),
})
