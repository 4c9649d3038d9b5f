import { assertOptions, invalidOption } from '../../errors/options.js'
import { type Answered, finish } from './answer.js'

/** What a seller does instead of answering as it should; any of its requests may meet these. */
type AnyFault =
  /** Closes the connection before it does anything. */
  | 'loses-request'
  /** Sends its headers, and lets no page of another origin read them: CORS without `Access-Control-Expose-Headers`. */
  | 'hides-headers'
  /** Waits so many milliseconds, and then answers as it should. */
  | { readonly waits: number }
  /** Redirects there, with a 307. */
  | { readonly redirectsTo: string }
  /** Answers this status, and nothing else; nothing is taken. */
  | { readonly status: number }

/** What a seller does instead of asking for its price. */
export type AskFault =
  | AnyFault
  /** Asks with terms that no buyer should trip over: what isn't JSON, what nests too deep, wrong types, a polluted prototype … in turn. */
  | 'hostile-terms'

/** What a seller does instead of serving a good payment. */
export type PayFault =
  | AnyFault
  /** Refuses the payment with a plain 402, and takes nothing. */
  | 'asks-again'
  /** Refuses the payment with a plain 402, after it took the money. */
  | 'takes-and-asks-again'
  /** Takes the money, and closes the connection before it answers. */
  | 'loses-response'
  /** Takes the money, and answers 500 without a receipt. */
  | 'takes-and-fails'
  /** Answers 202 without a receipt. The money is taken, and served for, when the same payment comes again. */
  | 'accepts'
  /** Takes the money, serves, and sends a receipt that can't be read. */
  | 'hostile-receipt'
  /** Refuses with this reason, such as `'insufficient_funds'`, and takes nothing. */
  | { readonly refuses: string }
  /** Refuses, and asks for this price from now on. */
  | { readonly raisesTo: string }

const ANY_NAMES = ['loses-request', 'hides-headers']
const ANY_KEYS = ['waits', 'redirectsTo', 'status']

const KNOWN = {
  whenAsked: { names: [...ANY_NAMES, 'hostile-terms'], keys: ANY_KEYS },
  whenPaid: {
    names: [
      ...ANY_NAMES,
      'asks-again',
      'takes-and-asks-again',
      'loses-response',
      'takes-and-fails',
      'accepts',
      'hostile-receipt',
    ],
    keys: [...ANY_KEYS, 'refuses', 'raisesTo'],
  },
}

/**
 * Asserts that faults are known ones: a misspelled fault would be an honest seller.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function assertFaults(where: keyof typeof KNOWN, faults: unknown): void {
  const { names, keys } = KNOWN[where]
  if (!Array.isArray(faults)) throw invalidOption(where, 'a list of faults')
  for (const [place, fault] of faults.entries()) {
    if (typeof fault === 'string') {
      if (!names.includes(fault)) throw invalidOption(`${where}[${place}]`, `one of ${names.join(', ')}`)
    } else {
      assertOptions(fault, `${where}[${place}]`, keys)
      if (Object.keys(fault).length !== 1) throw invalidOption(`${where}[${place}]`, `one of ${keys.join(', ')}`)
    }
  }
}

/** The value of a fault that has one. */
export function valueIn(fault: AskFault | PayFault | undefined, key: string): unknown {
  return typeof fault === 'object' ? Reflect.get(fault, key) : undefined
}

/** What any request may meet; `undefined` where it goes on. */
export async function meetAny(fault: AskFault | PayFault | undefined, request: Request): Promise<Answered | undefined> {
  const milliseconds = valueIn(fault, 'waits')
  if (typeof milliseconds === 'number') await wait(milliseconds, request.signal)
  if (fault === 'loses-request') return 'closed'
  const location = valueIn(fault, 'redirectsTo')
  if (typeof location === 'string') return finish(new Response(null, { status: 307, headers: { location } }))
  const status = valueIn(fault, 'status')
  return typeof status === 'number' ? finish(new Response(null, { status })) : undefined
}

/** Waits; ends early when no one waits for the answer any more. */
function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Terms that mean harm, or nothing, one after the other: what a header holds in base64, or a body as it is. */
export function hostileTerms(turn: number): string {
  const deep = `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`
  const texts = [
    '{"x402Version":2,"accepts":[{"scheme":"exact","network":"eip155:84532","amount":1e400,"asset":null,"payTo":[]}]}',
    `{"x402Version":2,"resource":${deep},"accepts":[]}`,
    '{"x402Version":2,"accepts":{"length":1}}',
    '{"x402Version":"2","accepts":[]}',
    '{"x402Version":2,"__proto__":{"accepts":[{}]}}',
    '{"x402Version":2,"accepts":[null,7,"exact",[[]]]}',
    '{"x402Version":2,"accepts":[',
    'not JSON at all',
  ]
  return texts[turn % texts.length] ?? ''
}
