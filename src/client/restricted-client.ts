import { bytesToHex } from '@noble/hashes/utils.js'
import type { PaymentFilter, PaymentList } from '../desk/payments.js'
import type { Spending, SpendingFilter } from '../desk/spending.js'
import { limitCall, type RestrictOptions, tightenLimits } from '../limits/narrow-limits.js'
import { LIMITS } from '../payment/ledger.js'
import { toClientLabel } from '../payment/purchase-name.js'
import { isJsonObject } from '../wire/json.js'
import { createHandOuts, type HandOuts } from './hand-outs/hand-outs.js'
import { readLastingName, toNameLabels } from './lasting-name.js'
import { type Payer, REACH } from './payer.js'
import { type ClientPorts, createDoorVerbs } from './ports.js'
import { assertReach, readReach } from './reach/reach.js'

/**
 * A client for a tool or an agent: it pays under limits that it can tighten further and never loosen. It has no way to register
 * a scheme, to raise a limit, or to reach the client that it comes from.
 */
export type RestrictedClient = Payer &
  Omit<HandOuts, 'handlePaymentRequired'> & {
    /** What this client paid itself; with a name, what was ever paid under that name and below it. */
    payments(filter?: PaymentFilter): Promise<PaymentList>
    /**
     * What is left of this client's own limits, which count from its birth, or all that was paid under its name. Those of the client that it
     * comes from hold as well, and aren't shown.
     */
    spending(of?: SpendingFilter): Promise<Spending[]>
    /** A client with tighter limits still. Its `name` is a path below this client's own; one without a name gives none. */
    restrict(options: RestrictOptions): RestrictedClient
  }

/**
 * Creates a restricted client on the ports of a wider one.
 *
 * @param wide - Those of the client that makes it.
 * @param options - What holds for it, beside the wider limits. Read once.
 * @param above - The lasting name of the client that makes it; `undefined` when it has none.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function createRestrictedClient(wide: ClientPorts, options: RestrictOptions, above?: string): RestrictedClient {
  const given: unknown = isJsonObject(options) ? options['name'] : undefined
  const name =
    given === undefined ? undefined : readLastingName(given, above, !wide.isRestricted || above !== undefined)
  const labels = name === undefined ? { own: toClientLabel(bytesToHex(wide.random(8))), above: [] } : toNameLabels(name)
  const limits = tightenLimits(wide.limits, options, labels.own, labels.above)
  const reach = readReach(isJsonObject(options) ? options['reach'] : undefined, wide, limits)
  // Without a name it may present what was paid and lost by the client that it comes from, within its own limits; with one, what was paid and
  // lost under that name, and nothing else.
  const ports: ClientPorts = {
    ...wide,
    limits,
    limitsFor: (call) => limitCall(limits, call),
    isRestricted: true,
    reach,
    circuit: wide.circuit.below(name),
    label: labels.own,
    purchases: name === undefined ? wide.purchases : { ...wide.purchases, space: name },
  }
  const { begin, createPaymentPayload, handlePaymentResponse } = createHandOuts(ports)
  const follow = async () => ports.followLimits(await ports.ledger.get(LIMITS.kind, LIMITS.key))
  return Object.freeze({
    begin,
    createPaymentPayload,
    handlePaymentResponse,
    // Extensions are objects of whoever made the wide client, and headers that its hooks answer may be secrets.
    getExtensions: () => [],
    async payments(filter: PaymentFilter = {}) {
      const { listPayments } = await import('../desk/payments.js')
      return listPayments(ports, filter, labels.own)
    },
    async spending(of: SpendingFilter = {}) {
      const [{ readOwnSpending }, { readSums }] = await Promise.all([
        import('../desk/spending.js'),
        import('../flow/earlier/presented.js'),
      ])
      return readOwnSpending(ports, of, (cap) => readSums(cap, ports))
    },
    restrict: (tighter: RestrictOptions) => createRestrictedClient(ports, tighter, name),
    ...createDoorVerbs(ports),
    ...(reach && { [REACH]: (url: URL) => assertReach(url, reach, follow) }),
  })
}
