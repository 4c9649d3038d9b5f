import { DeliveryError, type DeliveryErrorCode } from '../errors/step-errors.js'
import type { X402Error } from '../errors/x402-error.js'
import { MAX_VALIDITY_SECONDS } from '../payment/scheme.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { cite } from '../wire/seller-text.js'
import { abortable } from './abortable.js'
import { anySignal } from './any-signal.js'
import { toAbortName } from './create-abort-error.js'
import { noteOutcome, toSentState } from './note-outcome.js'
import type { Answer, Exchange, Facts, Ports } from './ports.js'
import { releaseUnsent } from './release-unsent.js'
import { assertSigned, type Delivered, type Signed, sealDelivered } from './steps.js'

/** Redirects within the origin that are followed with the payment. */
const MAX_REDIRECTS = 3

/**
 * Presents a signed payment: writes it down as sent, then sends it.
 *
 * Once it left, the money counts as gone until something proves otherwise, so every failure is `in-doubt`; only what the ledger
 * couldn't write down stays here, `signed`.
 *
 * @param deadline - Ends the wait; without one it lasts as long as the payment lives.
 * @throws {@link DeliveryError} when no answer arrived, or a redirect would have carried the payment elsewhere.
 */
export async function deliver<Native>(
  signed: Signed,
  exchange: Exchange<Native>,
  ports: Ports,
  deadline?: AbortSignal | undefined,
): Promise<Delivered<Native>> {
  assertSigned(signed)
  await recordAsSent(signed, ports)
  ports.emit('sent', () => ({ payment: signed.id, resource: signed.call.resource }))
  const answer = await send(signed, exchange, ports, deadline)
  return sealDelivered({ signed, answer })
}

/**
 * Writes the payment down before it leaves; what can't be written down isn't sent.
 *
 * @throws {@link DeliveryError} `LEDGER_UNAVAILABLE`; nothing was sent by this call.
 */
export async function recordAsSent(signed: Signed, ports: Ports): Promise<void> {
  const { presentation, validUntilSeconds, nonce, allowances, charges, purchase } = signed
  const facts: Facts = { presentation, validUntilSeconds, nonce, allowances, charges, purchase, delivery: 'none' }
  try {
    await ports.ledger.move(signed.id, [signed.state], toSentState(signed), facts)
  } catch (cause) {
    await releaseUnsent(signed, ports)
    throw new DeliveryError('The ledger could not write the payment down, so it was not sent.', {
      code: 'LEDGER_UNAVAILABLE',
      money: signed.state === 'reserved' ? 'signed' : 'in-doubt',
      facts: { resource: signed.call.resource, payment: signed.id },
      hint: 'See the cause. Nothing was sent by this call.',
      cause,
    })
  }
}

async function send<Native>(
  signed: Signed,
  exchange: Exchange<Native>,
  ports: Ports,
  deadline: AbortSignal | undefined,
): Promise<Answer<Native>> {
  let url = new URL(signed.call.url)
  for (let followed = 0; ; followed++) {
    const answer = await sendOnce(url, signed, exchange, ports, deadline)
    const target = readRedirect(answer, url)
    if (target === undefined) return answer
    if (target === 'hidden') throw await noteLost(signed, ports, createRedirectError('REDIRECTED', signed, undefined))
    if (followed === MAX_REDIRECTS || !mayFollow(answer.status, signed.call.method, url, target)) {
      throw await noteLost(signed, ports, createRedirectError('REDIRECTED_ELSEWHERE', signed, target))
    }
    exchange.discard(answer.native)
    url = target
  }
}

/** Where a redirect leads; `undefined` when the answer is none. */
function readRedirect(answer: Answer, from: URL): URL | 'hidden' | undefined {
  if (answer.hidden) return 'hidden'
  // A platform that follows redirects by itself has carried the payment there already.
  if (answer.url !== undefined && new URL(answer.url).origin !== from.origin) return new URL(answer.url)
  const location = answer.status >= 300 && answer.status < 400 ? answer.header('location') : null
  if (location === null) return undefined
  return URL.canParse(location, from) ? new URL(location, from) : 'hidden'
}

async function sendOnce<Native>(
  url: URL,
  signed: Signed,
  exchange: Exchange<Native>,
  ports: Ports,
  deadline: AbortSignal | undefined,
): Promise<Answer<Native>> {
  const until = anySignal(signed.call.signal, deadline)
  // A controller costs a third of a signature on Node 20, so the wait by default does without: it ends here, the request by itself.
  const life = deadline === undefined ? createLife(signed, ports) : undefined
  try {
    const sending = exchange.send(url.href, signed.presentation.headers, until)
    sending.catch(() => undefined) // what comes after the wait is over is nobody's
    // A fetch that knows no signals is left behind, too.
    return await abortable(life === undefined ? sending : Promise.race([sending, life.over]), until)
  } catch (cause) {
    exchange.abandon?.()
    throw await noteLost(signed, ports, createLostError(cause, signed, exchange))
  } finally {
    life?.clear()
  }
}

/** Rejects when the payment can no longer be taken. What comes after the head of an answer is the caller's to wait for. */
function createLife(signed: Signed, ports: Ports): { over: Promise<never>; clear(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<never>((_resolve, reject) => {
    const end = () => reject(new DOMException('The paid request was not answered in time.', 'TimeoutError'))
    timer = setTimeout(end, lifeMs(signed, ports))
  })
  return { over, clear: () => clearTimeout(timer) }
}

/** An answer is waited for as long as the payment can still be taken; a caller's signal may end it sooner. */
function lifeMs({ validUntilSeconds }: Signed, { clock }: Ports): number {
  const seconds = (validUntilSeconds ?? Number.POSITIVE_INFINITY) - clock.nowSeconds()
  return Math.min(Math.max(seconds, 1), MAX_VALIDITY_SECONDS) * 1000
}

/** 307 and 308 keep the request as it is; the others turn it into a GET, so they are followed only where it is one already. */
function mayFollow(status: number, method: string, from: URL, to: URL): boolean {
  if (from.origin !== to.origin) return false
  const isSafe = method === 'GET' || method === 'HEAD'
  return status === 307 || status === 308 || (isSafe && (status === 301 || status === 302 || status === 303))
}

/** Leaves the payment free to be presented again. Returns the error, to be thrown. */
async function noteLost<E extends X402Error>(signed: Signed, ports: Ports, error: E): Promise<E> {
  ports.emit('in-doubt', () => ({ payment: signed.id, because: error.shortMessage }))
  await noteOutcome(signed, toSentState(signed), { delivery: 'lost' }, ports)
  return error
}

/** A receipt of an earlier answer may have settled it. */
function moneyOf({ state }: Signed): 'in-doubt' | 'settled' {
  return state === 'settled' ? 'settled' : 'in-doubt'
}

function createLostError(cause: unknown, signed: Signed, { answer }: Exchange): DeliveryError {
  const { signal, resource } = signed.call
  const facts = { resource, payment: signed.id }
  // A browser tells a page neither which of both it was nor that the request never left.
  const forbidden = answer.filtered
    ? ' It never left if the seller’s CORS forbids the header: it has to send `Access-Control-Allow-Headers: PAYMENT-SIGNATURE`.'
    : ''
  const hint = `Call again: the same payment is presented, never a second one.${forbidden}`
  if (signal?.aborted) {
    return new DeliveryError('The call was aborted after the payment was sent.', {
      code: 'ABORTED',
      name: toAbortName(signal.reason),
      money: moneyOf(signed),
      facts,
      hint,
      cause: signal.reason,
    })
  }
  return new DeliveryError('The payment was sent, but no answer arrived.', {
    code: 'ANSWER_LOST',
    money: moneyOf(signed),
    facts,
    hint,
    cause,
  })
}

function createRedirectError(code: DeliveryErrorCode, signed: Signed, target: URL | undefined): DeliveryError {
  return new DeliveryError(
    'The paid request was redirected, and a payment goes nowhere but to the origin that asked for it.',
    {
      code,
      money: moneyOf(signed),
      facts: {
        resource: signed.call.resource,
        'redirected to': target && cite(toDisplayUrl(target)),
        payment: signed.id,
      },
      hint: 'Call the final address directly if you trust it; this payment stays counted.',
    },
  )
}
