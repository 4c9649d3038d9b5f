import type { Questions } from '../desk/reconciliation.js'
import type { Proposer } from '../diagnosis/proposing.js'
import { pay, toInFlight } from '../flow/pay.js'
import { toPaymentRequired } from '../flow/read.js'
import type { Hooks, OwnHooks } from '../hooks/hooks.js'
import { createMemoryLedger } from '../ledger/book/memory-ledger.js'
import { createLimits } from '../limits/create-limits.js'
import { holdLimits } from '../limits/held/held-limits.js'
import { limitCall } from '../limits/narrow-limits.js'
import { type Clock, systemClock } from '../payment/clock.js'
import { toOneText } from '../payment/digest.js'
import type { Ledger } from '../payment/ledger.js'
import type { Limits } from '../payment/limits.js'
import { loadPart } from '../payment/part.js'
import type { HookRunner, PaymentPolicy, Ports } from '../payment/ports.js'
import { CHANGING_HEADERS, toOneOrder } from '../payment/purchase-name.js'
import { systemRandomBytes } from '../payment/random.js'
import { findNamed, type PrepayRule, readPrepay } from '../prices/rules.js'
import { createCircuit, NO_CIRCUIT } from './circuit.js'
import type { Drained, Drainer, DrainOptions } from './drain.js'
import type { EventStream } from './event-stream.js'
import { createFlights } from './flights.js'
import { type ClientOptions, toPreferences, toPurchaseRules, toTrust } from './options.js'
import { BEGIN, type BegunCall, JOB, PAY, type Payer, PREPAY, QUOTE, type REACH } from './payer.js'
import type { Reach } from './reach/reach.js'
import type { SchemeRegistry } from './scheme-registry.js'
import { createTraffic, type Traffic } from './under-way.js'

/** What the methods of a client grow. */
type Grown = {
  schemes: SchemeRegistry
  hooks: OwnHooks
  policies: readonly PaymentPolicy[]
  events: EventStream
}

/** The ports of one client, and the limits and hooks behind them. */
export type ClientPorts = Ports & {
  readonly limits: Limits
  readonly hooks: Hooks
  readonly underWay: Traffic
  /** What it pays without asking; `undefined` for nothing. */
  readonly prepay?: readonly PrepayRule[] | undefined
  /** Where it may ask; `undefined` for anywhere. */
  readonly reach?: Reach | undefined
}

/** Puts together what one client hands to the steps of a payment. */
export function createPorts(options: ClientOptions, { schemes, hooks, policies, events }: Grown): ClientPorts {
  const { clock = systemClock, random = systemRandomBytes, resign = 'never', circuit = {} } = options
  const { limits, follow: followLimits } = holdLimits(readLimits(options.limits))
  const ledger = options.ledger ?? createMemoryLedger({ clock, random })
  const ports: ClientPorts = {
    schemes,
    hooks,
    limits,
    limitsFor: (call) => limitCall(limits, call),
    preferences: toPreferences(options, policies),
    trust: toTrust(options),
    ledger,
    followLimits,
    clock,
    random,
    wait: clock.wait?.bind(clock) ?? wait,
    circuit: circuit === false ? NO_CIRCUIT : createCircuit(circuit, clock),
    flights: createFlights(ledger, schemes),
    underWay: createTraffic(ledger),
    inFlight: options.inFlight,
    prepay: options.prepay && readPrepay(options.prepay),
    questions: new Set(),
    presented: new Map(),
    reserving: new Set(),
    resign,
    isRestricted: false,
    purchases: toPurchaseRules(options),
    ...createReconcile(() => ports),
    emit: events.emit,
    loadHooks: createHookLoader(hooks, () => ports),
    warn: (warning) => events.emit('warning', () => ({ warning: Object.freeze(warning) })),
  }
  events.follow(ledger)
  return ports
}

/** What doors ask of a client, under names that no other package has. */
export type DoorVerbs = Required<Omit<Payer, typeof REACH | typeof PREPAY>> & Pick<Payer, typeof REACH | typeof PREPAY>

/** Creates what a client and a restricted one have in common: they pay, quote and begin keyed calls for doors. */
export function createDoorVerbs(ports: ClientPorts): DoorVerbs {
  return {
    [PAY]: (exchange) => pay(exchange, ports),
    ...(ports.prepay && createPrepayVerbs(ports, ports.prepay)),
    [BEGIN](key, begun) {
      if (key !== undefined) return ports.flights.begin(key)
      // Without a key most calls are purchases of their own, and aren't looked at any further.
      const inFlight = begun?.options?.inFlight
      if (begun === undefined || toInFlight({ inFlight }, ports) === 'separate') return undefined
      return ports.flights.begin(nameBegun(begun, ports), begun.body?.())
    },
    async [JOB](start, ask) {
      return (await loadPart(import('../flow/job/job.js'))).createJob(start, ask, ports)
    },
    async [QUOTE](exchange) {
      const [{ quote }, { loadKnownTokens }] = await Promise.all([
        import('../desk/quote.js'),
        import('../../schemes/known-tokens.js'),
      ])
      return quote(exchange, ports, (await loadKnownTokens()).find)
    },
  }
}

/** Creates what a client does that remembers prices; what it takes is loaded with the first call. */
function createPrepayVerbs(
  ports: ClientPorts,
  rules: readonly PrepayRule[],
): Pick<Required<Payer>, typeof PAY | typeof PREPAY> {
  const load = async () => {
    const parts = Promise.all([import('../flow/prepay/prepay.js'), import('../prices/prices.js')])
    const [{ prepay, payAndLearn }, { createPrices }] = await loadPart(parts)
    // Its own of each client: what a restricted one was asked for is nothing that others go by.
    return { prepay, payAndLearn, prepayPorts: { ...ports, prices: createPrices(rules, ports.clock) } }
  }
  let loading: ReturnType<typeof load> | undefined
  const loadOnce = () => {
    // Once: calls that join others are known by the ports of their client.
    loading ??= load()
    loading.catch(() => (loading = undefined))
    return loading
  }
  return {
    async [PAY](exchange) {
      const { payAndLearn, prepayPorts } = await loadOnce()
      return payAndLearn(exchange, prepayPorts)
    },
    [PREPAY]: {
      names: (call) => findNamed(rules, call) !== undefined,
      async pay(request) {
        const { prepay, prepayPorts } = await loadOnce()
        return prepay(request, prepayPorts)
      },
    },
  }
}

/** Creates what a client has besides its methods, and a restricted one has only in part. */
export function createOwnVerbs(ports: ClientPorts): DoorVerbs & Proposer & Drainer {
  return { ...createDoorVerbs(ports), ...createProposer(ports), ...createDrainer(ports) }
}

/** Creates what drains a client; what waits is loaded then. */
function createDrainer(ports: ClientPorts): Drainer {
  let draining: Promise<Drained> | undefined
  async function start(options: DrainOptions): Promise<Drained> {
    // Before anything is loaded: what is bought meanwhile by a process that ends is what the caller wanted to prevent.
    ports.underWay.isDraining = true
    try {
      const { drain } = await loadPart(import('./drain.js'))
      return await drain(options, ports)
    } catch (error) {
      draining = undefined // nothing has begun
      ports.underWay.isDraining = false
      throw error
    }
  }
  return {
    drain(options = {}) {
      draining ??= start(options)
      return draining
    },
  }
}

/** Creates what proposes ahead; what it takes is loaded with the first. */
function createProposer(ports: Ports): Proposer {
  return {
    async propose(url, options = {}) {
      return (await loadPart(import('../diagnosis/proposing.js'))).propose(url, options, ports)
    },
  }
}

/**
 * A text that calls of one purchase have in common, and few others: each is kept a copy of what the others buy. The name of the purchase decides
 * once its own 402 is here; before that a body would have to be read to tell.
 */
function nameBegun({ options, header, write }: BegunCall, { purchases }: Ports): string {
  const { buyers, credentialHeaders } = purchases
  const names =
    buyers === 'one' ? credentialHeaders.filter((name) => !CHANGING_HEADERS.includes(name)) : credentialHeaders
  const tags = Array.isArray(options?.tags) ? toOneOrder(options.tags.map(String)) : []
  // No key is empty, so that this is none.
  return toOneText(['', write(), ...names.map((name) => header(name) ?? ''), ...tags])
}

/** What runs hooks is loaded with the first of them; who brings a hook is asked each time, since hooks are added at any time. */
function createHookLoader(hooks: OwnHooks, ports: () => Ports): Ports['loadHooks'] {
  let loading: Promise<HookRunner> | undefined
  const load = async () => {
    const { createHookRunner } = await loadPart(import('../hooks/hook-runner.js'))
    const { schemes, warn } = ports()
    return createHookRunner({ hooks, schemes, warn, toPaymentRequired })
  }
  return (scheme) => {
    const isNeeded = scheme?.schemeHooks !== undefined || Object.values(hooks).some((list) => list.length > 0)
    if (!isNeeded) return undefined
    loading ??= load()
    // What could not be loaded may be, next time.
    loading.catch(() => (loading = undefined))
    return loading
  }
}

function readLimits(limits: ClientOptions['limits']): Limits {
  return limits !== undefined && 'assess' in limits ? limits : createLimits(limits)
}

/** Shortest time between two rounds of questions to the chain before a limit refuses, in milliseconds: some blocks of most chains. */
const RECONCILE_PAUSE_MS = 10_000

/** Most payments that one round asks about, over all clients of a ledger. */
const MAX_QUESTIONS = 20

/** One round of questions, and what is asked in it. */
type Round = { readonly atMs: number; readonly questions: Questions }

/** By ledger, and by the clock that tells when a pause is over. */
const rounds = new WeakMap<Ledger, WeakMap<Clock, Round>>()

/** The round that runs, or a new one once the pause is over. */
function roundOf({ ledger, clock }: Ports): Round {
  const atMs = clock.monotonicMs()
  const known = rounds.get(ledger) ?? new WeakMap<Clock, Round>()
  const last = known.get(clock)
  if (last !== undefined && atMs - last.atMs < RECONCILE_PAUSE_MS) return last
  const round = { atMs, questions: { left: MAX_QUESTIONS, asked: last?.questions.asked ?? new Set<string>() } }
  rounds.set(ledger, known.set(clock, round))
  return round
}

/** Loads what that needs when it is first asked. A flood of refusals makes a few questions to the chain, not a flood of them. */
function createReconcile(ports: () => Ports): Pick<Ports, 'proveReleased' | 'reconcile'> {
  let last: { readonly round: Round; readonly answer: Promise<boolean> } | undefined
  const load = () => import('../desk/reconciliation.js')
  const askSome = async ({ questions }: Round) => (await load()).reconcileSome(ports(), questions)
  return {
    // Not what was charged less: that was spent.
    proveReleased: async (id) =>
      (await (await load()).reconcile(ports(), id)).some(({ money }) => money === 'released'),
    async reconcile() {
      if (ports().schemes.canAskChain?.() === false) return false
      const round = roundOf(ports())
      if (last?.round !== round) last = { round, answer: askSome(round) }
      return last.answer
    },
  }
}

/** Waits; ends early, without an error, when the signal fires. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
    function end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
  })
}
