import fc from 'fast-check'
import type { Rules, Served, Written } from './purchase-oracle.js'

/** Where everything is sold. */
export const ORIGIN = 'https://api.example.com'
/** Mostly the first one, so that calls meet. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 4 }, { arbitrary: fc.constantFrom(...others), weight: 1 })

const written: fc.Arbitrary<Written> = fc.record({
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
})

/** How a paid request is answered; `undefined` for a connection that breaks. */
export type Told = Served | undefined

const served: fc.Arbitrary<Told> = fc.oneof(
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

/** One call, how long after the one before it, and how its seller behaves. */
export type Try = {
  readonly call: Written
  readonly isMoved: boolean
  readonly answers: readonly Told[]
  readonly pause: number
}

const tries: fc.Arbitrary<readonly Try[]> = fc.array(
  fc.record({
    call: written,
    isMoved: mostly(false, true),
    answers: fc.array(served, { minLength: 1, maxLength: 3 }),
    pause: fc.constantFrom(0, 0, 0, 0, 1, 59, 60, 61, 125, 185, 665),
  }),
  { minLength: 2, maxLength: 7 },
)

/** Calls that differ from one in little: that is how a retry looks. */
export const story: fc.Arbitrary<readonly Try[]> = fc
  .tuple(written, tries)
  .chain(([first, others]) =>
    fc
      .array(fc.subarray(['method', 'url', 'headers', 'key', 'tags', 'delivers', 'body'] as const, { maxLength: 1 }), {
        minLength: others.length,
        maxLength: others.length,
      })
      .map((changes) =>
        others.map((one, index) => ({
          ...one,
          call: { ...first, ...Object.fromEntries((changes[index] ?? []).map((name) => [name, one.call[name]])) },
        })),
      ),
  )
  .map((all) => all.map((one, index) => ({ ...one, call: withBody(one.call, index) })))

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
})
