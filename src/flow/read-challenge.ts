import { ChallengeError } from '../errors/step-errors.js'
import { type Envelope, type PaymentRequired, readEnvelope } from '../wire/challenge.js'
import { freezeCopy } from '../wire/json.js'
import { isSameOrigin, toDisplayUrl } from '../wire/resource-url.js'
import { cite } from '../wire/seller-text.js'
import { createCall } from './create-call.js'
import { decodeChallenge } from './decode-challenge.js'
import type { Exchange, Ports, Trust } from './ports.js'
import { type Call, type Challenge, sealChallenge } from './steps.js'
import { toPaymentRequired } from './to-payment-required.js'

/** A 402 that means x402: readable, or not and why. */
export type Reading = { readonly call: Call } & (
  | { readonly challenge: Challenge }
  | { readonly challenge: undefined; readonly fault: ChallengeError }
)

/**
 * Reads the 402 of an exchange.
 *
 * @returns What was read, or `undefined` when the 402 isn't x402: then it belongs to the caller, untouched.
 * @throws {@link ChallengeError} when the 402 came from elsewhere than what was asked; nothing was signed.
 */
export async function readChallenge(exchange: Exchange, ports: Ports): Promise<Reading | undefined> {
  const decoded = await decodeChallenge(exchange.answer, (maxBytes) => exchange.readBody(maxBytes))
  if (decoded === undefined) {
    if (exchange.answer.filtered) warnOfCors(exchange, ports)
    return undefined
  }
  const call = createCall({
    method: exchange.method,
    url: readAskingUrl(exchange, ports.trust),
    asked: exchange.url,
    purchases: ports.purchases,
    signal: exchange.signal,
    options: exchange.options,
    limits: ports.limitsFor(exchange.options),
    header: (name) => exchange.header(name),
    digestBody: () => exchange.digestBody(),
  })
  if ('value' in decoded) return { call, challenge: toChallenge(call, decoded.value) }
  return { call, challenge: undefined, fault: createMalformedError(decoded.problem, call.resource) }
}

/**
 * Reads a 402 that the caller decoded, as `createPaymentPayload` takes it.
 *
 * @throws {@link ChallengeError} when it isn't one; nothing was signed.
 */
export function readPaymentRequired(required: unknown, call: Call): Challenge {
  const decoded = readEnvelope(required)
  if ('problem' in decoded) throw createMalformedError(decoded.problem, call.resource)
  // Entries are copied one by one as they are judged: of ten thousand, most never are.
  const { resource, extensions } = decoded.value
  return toChallenge(call, { ...decoded.value, resource: freezeCopy(resource), extensions: freezeCopy(extensions) })
}

function toChallenge(call: Call, envelope: Envelope): Challenge {
  let required: PaymentRequired | undefined
  return sealChallenge({ call, envelope, required: () => (required ??= toPaymentRequired(envelope)) })
}

/** Where the payment will go: the address that asked, which is another than the one called after a redirect. */
function readAskingUrl(exchange: Exchange, { allowRedirectedOrigin }: Trust): string {
  const { url } = exchange.answer
  // An address that isn't absolute is refused where the call is described.
  if (url === undefined || url === exchange.url || !URL.canParse(exchange.url)) return exchange.url
  const asked = new URL(exchange.url)
  const answered = new URL(url)
  asked.hash = ''
  answered.hash = ''
  if (asked.href === answered.href) return exchange.url
  const isSafe = exchange.method === 'GET' || exchange.method === 'HEAD'
  if (isSafe && (allowRedirectedOrigin || isSameOrigin(asked, answered))) return url
  throw new ChallengeError(
    isSafe
      ? 'Refused to pay: the request was redirected to another origin, which asks for money under the first one’s name.'
      : 'Refused to pay: the request was redirected, and repeating it with its body at another address is not what was asked.',
    {
      code: 'CHALLENGE_REDIRECTED',
      money: 'untouched',
      facts: { asked: `${asked.origin}${asked.pathname}`, 'answered by': cite(toDisplayUrl(answered)) },
      hint: isSafe
        ? 'Call the final address directly if you trust it, or set `allowRedirectedOrigin`.'
        : 'Call the final address directly if you trust it.',
    },
  )
}

/** A browser doesn't say whether there are headers that it hides, so this is a guess, and the 402 goes to the caller all the same. */
function warnOfCors({ method, url }: Exchange, ports: Ports): void {
  const resource = URL.canParse(url) ? `${method} ${toDisplayUrl(new URL(url))}` : method
  ports.warn({
    code: 'TERMS_HIDDEN_BY_CORS',
    message: `The 402 of ${resource} came from another origin, without terms that this page can read. If the seller means x402, CORS may hide them: it has to send \`Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE\` with its answers, and \`Access-Control-Allow-Headers: PAYMENT-SIGNATURE\` with its answer to OPTIONS.`,
  })
}

function createMalformedError(problem: string, resource: string): ChallengeError {
  const isVersion = problem.startsWith('x402Version')
  return new ChallengeError(`Refused to pay: the 402 can't be read, since ${problem}.`, {
    code: isVersion ? 'UNSUPPORTED_VERSION' : 'CHALLENGE_MALFORMED',
    money: 'untouched',
    facts: { resource },
    hint: 'Tell the seller; `error.response` is its answer.',
  })
}
