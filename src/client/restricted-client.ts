import { bytesToHex } from '@noble/hashes/utils.js'
import type { PaymentEntry, PaymentFilter } from '../desk/payments.js'
import type { Spending } from '../desk/spending.js'
import { limitCall, type RestrictOptions, tightenLimits } from '../limits/narrow-limits.js'
import { createHandOuts, type HandOuts } from './hand-outs.js'
import type { Payer } from './payer.js'
import { type ClientPorts, createDoorVerbs } from './ports.js'

/**
 * A client for a tool or an agent: it pays under limits that it can tighten further and never loosen. It has no way to register
 * a scheme, to raise a limit, or to reach the client that it comes from.
 */
export type RestrictedClient = Payer &
  Omit<HandOuts, 'handlePaymentRequired'> & {
    /** What this client paid itself. */
    payments(filter?: PaymentFilter): Promise<PaymentEntry[]>
    /** What is left of the limits that hold for this client: its own, which count from its birth, and the wider ones. */
    spending(of?: { host?: string | undefined }): Promise<Spending[]>
    /** A client with tighter limits still. */
    restrict(options: RestrictOptions): RestrictedClient
  }

/**
 * Creates a restricted client on the ports of a wider one.
 *
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function createRestrictedClient(wide: ClientPorts, options: RestrictOptions): RestrictedClient {
  const tag = `client/${bytesToHex(wide.random(8))}`
  const limits = tightenLimits(wide.limits, options, tag)
  // What was paid and lost by the client that it comes from, it may present, within its own limits.
  const ports: ClientPorts = {
    ...wide,
    limits,
    limitsFor: (call) => limitCall(limits, call),
    isRestricted: true,
  }
  const { createPaymentPayload, handlePaymentResponse } = createHandOuts(ports)
  return Object.freeze({
    createPaymentPayload,
    handlePaymentResponse,
    // Extensions are objects of whoever made the wide client, and headers that its hooks answer may be secrets.
    getExtensions: () => [],
    async payments(filter: PaymentFilter = {}) {
      const { listPayments } = await import('../desk/payments.js')
      return listPayments(ports, filter, tag)
    },
    async spending(of: { host?: string | undefined } = {}) {
      const { readSpending } = await import('../desk/spending.js')
      return readSpending(limits, ports.ledger, of)
    },
    restrict: (tighter: RestrictOptions) => createRestrictedClient(ports, tighter),
    ...createDoorVerbs(ports),
  })
}
