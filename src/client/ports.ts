import { pay, toInFlight } from '../flow/pay.js'
import { toPaymentRequired } from '../flow/read.js'
import type { Hooks, OwnHooks } from '../hooks/hooks.js'
import { createMemoryLedger } from '../ledger/book/memory-ledger.js'
import { createLimits } from '../limits/create-limits.js'
import { limitCall } from '../limits/narrow-limits.js'
import { systemClock } from '../payment/clock.js'
import { toOneText } from '../payment/digest.js'
import type { Limits } from '../payment/limits.js'
import { loadPart } from '../payment/part.js'
import type { HookRunner, PaymentPolicy, Ports } from '../payment/ports.js'
import { CHANGING_HEADERS } from '../payment/purchase-name.js'
import { systemRandomBytes } from '../payment/random.js'
import { createCircuit, NO_CIRCUIT } from './circuit.js'
import type { EventStream } from './event-stream.js'
import { createFlights } from './flights.js'
import { type ClientOptions, toPreferences, toPurchaseRules, toTrust } from './options.js'
import { BEGIN, type BegunCall, PAY, type Payer, QUOTE } from './payer.js'
import type { SchemeRegistry } from './scheme-registry.js'

/** What the methods of a client grow. */
type Grown = {
  schemes: SchemeRegistry
  hooks: OwnHooks
  policies: readonly PaymentPolicy[]
  events: EventStream
}

/** The ports of one client, and the limits and hooks behind them. */
export type ClientPorts = Ports & { readonly limits: Limits; readonly hooks: Hooks }

/** Puts together what one client hands to the steps of a payment. */
export function createPorts(options: ClientOptions, { schemes, hooks, policies, events }: Grown): ClientPorts {
  const { clock = systemClock, random = systemRandomBytes, resign = 'never', circuit = {} } = options
  const limits = readLimits(options.limits)
  const ledger = options.ledger ?? createMemoryLedger({ clock, random })
  const ports: ClientPorts = {
    schemes,
    hooks,
    limits,
    limitsFor: (call) => limitCall(limits, call),
    preferences: toPreferences(options, policies),
    trust: toTrust(options),
    ledger,
    clock,
    random,
    wait: clock.wait?.bind(clock) ?? wait,
    circuit: circuit === false ? NO_CIRCUIT : createCircuit(circuit, clock),
    flights: createFlights(ledger, schemes),
    inFlight: options.inFlight,
    resign,
    isRestricted: false,
    purchases: toPurchaseRules(options),
    ...createReconcile(() => ports),
    emit: events.emit,
    loadHooks: createHookLoader(hooks, () => ports),
    warn: (warning) => events.emit('warning', () => ({ warning: Object.freeze(warning) })),
  }
  return ports
}

/** What doors ask of a client, under names that no other package has. */
export type DoorVerbs = Required<Payer>

/** Creates what a client and a restricted one have in common: they pay, quote and begin keyed calls for doors. */
export function createDoorVerbs(ports: Ports): DoorVerbs {
  return {
    [PAY]: (exchange) => pay(exchange, ports),
    [BEGIN](key, begun) {
      if (key !== undefined) return ports.flights.begin(key)
      // Without a key most calls are purchases of their own, and aren't looked at any further.
      const inFlight = begun?.options?.inFlight
      if (begun === undefined || toInFlight({ inFlight }, ports) === 'separate') return undefined
      const name = nameBegun(begun, ports)
      return name === undefined ? undefined : ports.flights.begin(name)
    },
    async [QUOTE](exchange) {
      const { quote } = await import('../desk/quote.js')
      return quote(exchange, ports)
    },
  }
}

/** A text that calls of one purchase have in common, and few others: each is kept a copy of what the others buy. */
function nameBegun({ options, header, write }: BegunCall, { purchases }: Ports): string | undefined {
  const text = write()
  if (text === undefined) return undefined
  const { buyers, credentialHeaders } = purchases
  const names =
    buyers === 'one' ? credentialHeaders.filter((name) => !CHANGING_HEADERS.includes(name)) : credentialHeaders
  const tags = Array.isArray(options?.tags) ? options.tags.map(String) : []
  // No key is empty, so that this is none.
  return toOneText(['', text, ...names.map((name) => header(name) ?? ''), ...tags])
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

/** Shortest time between two questions to the chain about all that is in doubt, in milliseconds: some blocks of most chains. */
const RECONCILE_PAUSE_MS = 10_000

/** Loads what that needs when it is first asked. A flood of refusals makes one question to the chain, not a flood of them. */
function createReconcile(ports: () => Ports): Pick<Ports, 'proveReleased' | 'reconcile'> {
  let last: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined
  const ask = async (only?: string) => (await import('../desk/reconciliation.js')).reconcile(ports(), only)
  const askAll = async () => (await ask()).some(({ money, charged }) => money === 'released' || charged !== undefined)
  return {
    // Not what was charged less: that was spent.
    proveReleased: async (id) => (await ask(id)).some(({ money }) => money === 'released'),
    reconcile() {
      const now = ports().clock.monotonicMs()
      if (last === undefined || now - last.atMs >= RECONCILE_PAUSE_MS) last = { atMs: now, answer: askAll() }
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
