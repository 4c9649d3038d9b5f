import type { Answer, Exchange, KeyedCall } from '../../src/flow/ports.js'
import { encodeJsonHeader } from '../../src/protocol/header-codec.js'
import type { Authorization } from './create-truth.js'
import type { LocalAnswer } from './reactions.js'

/** Where a call waits for the test to move it on. */
export type Phase = 'asking' | 'signing' | 'sent'

/** One call of a buyer that a test moves on, one step at a time. */
export type LiveCall = {
  readonly id: number
  readonly purchase: number
  readonly key: string | undefined
  /** Which of its tokens the buyer asks with. */
  readonly token: number
  /** On the world's count of steps. */
  readonly beganAt: number
  readonly abort: AbortController
  phase: Phase | 'working'
  authorization: Authorization | undefined
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Stops a call where it is, until the test moves it on. */
export function reach<T>(call: LiveCall, phase: Phase): Promise<T> {
  return new Promise((resolve, reject) => {
    call.resolve = resolve as (value: unknown) => void // the test answers what the phase asks for
    call.reject = reject
    call.phase = phase
  })
}

/** Begins a call. */
export function createLiveCall(facts: Pick<LiveCall, 'id' | 'purchase' | 'key' | 'token' | 'beganAt'>): LiveCall {
  const nothing = () => undefined
  return {
    ...facts,
    abort: new AbortController(),
    phase: 'working',
    authorization: undefined,
    resolve: nothing,
    reject: nothing,
  }
}

/**
 * A door without a platform, for tests that make more calls than a machine has sockets.
 *
 * @param required - The 402.
 * @param send - Presents a payment.
 */
export function createLocalExchange(
  call: LiveCall,
  required: object,
  keyedCall: KeyedCall | undefined,
  send: (payment: string) => Promise<LocalAnswer>,
): Exchange<object> {
  return {
    method: 'GET',
    url: `https://seller.example/${call.purchase}`,
    signal: call.abort.signal,
    options: call.key === undefined ? undefined : { purchase: call.key },
    keyedCall,
    answer: toAnswer({ status: 402, headers: { 'payment-required': encodeJsonHeader(required) } }),
    header: (name) => (name === 'authorization' ? `Bearer ${call.token}` : null),
    replayable: true,
    digestBody: async () => '',
    readBody: async () => undefined,
    discard: () => undefined,
    duplicate: (native) => ({ ...native }),
    paidTimeoutMs: undefined,
    drain: async () => undefined,
    send: async (_url, headers) => toAnswer(await send(headers['PAYMENT-SIGNATURE'] ?? '')),
  }
}

function toAnswer({ status, headers = {} }: LocalAnswer): Answer<object> {
  return {
    status,
    url: undefined,
    hidden: false,
    header: (name) => headers[name.toLowerCase()] ?? null,
    native: { status },
  }
}
