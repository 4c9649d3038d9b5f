import type { CancelPaymentOptions } from '../desk/cancellation.js'
import type { PaymentEntry, PaymentFilter, PaymentList } from '../desk/payments.js'
import type { ReceiptCheck, VerifyReceiptOptions } from '../desk/receipt-check.js'
import type { Reconciled } from '../desk/reconciliation.js'
import type { Spending, SpendingFilter } from '../desk/spending.js'
import type { DiagnoseOptions, Diagnosis } from '../diagnosis/diagnosis.js'
import type { Proposer } from '../diagnosis/proposing.js'
import { USE_LIMITS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { invalidOption } from '../errors/options.js'
import {
  type AfterPaymentCreationHook,
  type BeforePaymentCreationHook,
  type ClientExtension,
  createHooks,
  type OwnHooks,
  type PaymentCreationFailureHook,
  type PaymentRequiredHook,
  type PaymentResponseHook,
} from '../hooks/hooks.js'
import type { RestrictOptions } from '../limits/narrow-limits.js'
import { systemClock } from '../payment/clock.js'
import type { PaymentPolicy, PaymentRequirementsSelector } from '../payment/ports.js'
import type { SchemeNetworkClient } from '../payment/scheme.js'
import type { ClientEvent } from '../payment/stream.js'
import type { Network } from '../wire/network.js'
import { assertClientConfig, type ClientConfig, type RegisterOptions, registerConfig } from './config.js'
import type { Drainer } from './drain.js'
import { createEventStream, type EventStream } from './event-stream.js'
import { createHandOuts, type HandOuts } from './hand-outs/hand-outs.js'
import { assertClientOptions, type ClientOptions } from './options.js'
import type { BEGIN, JOB, PAY, QUOTE } from './payer.js'
import { type ClientPorts, createOwnVerbs, createPorts, type DoorVerbs } from './ports.js'
import { createRestrictedClient, type RestrictedClient } from './restricted-client.js'
import { assertReconcilable, createSchemeRegistry, type SchemeRegistry } from './scheme-registry.js'

/**
 * Decides what may be paid, and signs: schemes by network, limits, a ledger, hooks.
 *
 * @example
 * ```ts
 * const client = new x402Client({ limits: { perPayment: '$0.10', perDay: '$5' } })
 *   .register('eip155:*', new ExactEvmScheme(account))
 * ```
 */
export class x402Client implements HandOuts, Proposer, Drainer {
  readonly #schemes: SchemeRegistry = createSchemeRegistry()
  readonly #hooks: OwnHooks = createHooks()
  readonly #policies: PaymentPolicy[] = []
  readonly #events: EventStream
  readonly #ports: ClientPorts
  declare readonly begin: HandOuts['begin']
  declare readonly createPaymentPayload: HandOuts['createPaymentPayload']
  declare readonly handlePaymentRequired: HandOuts['handlePaymentRequired']
  declare readonly handlePaymentResponse: HandOuts['handlePaymentResponse']
  declare readonly getExtensions: HandOuts['getExtensions']
  /** For wrappers, as the three that follow. */
  declare readonly [PAY]: DoorVerbs[typeof PAY]
  declare readonly [QUOTE]: DoorVerbs[typeof QUOTE]
  declare readonly [BEGIN]: DoorVerbs[typeof BEGIN]
  declare readonly [JOB]: DoorVerbs[typeof JOB]
  declare readonly propose: Proposer['propose']
  declare readonly drain: Drainer['drain']

  /**
   * @param options - Limits, preferences, ledger and ports; or, as in `@x402/core`, a function that takes one of the offers.
   * @throws {@link ConfigurationError} for an unknown option or money that isn't written as money, and `PLATFORM_LACKS`.
   */
  constructor(options: ClientOptions | PaymentRequirementsSelector = {}) {
    const given = typeof options === 'function' ? { paymentRequirementsSelector: options } : options
    assertClientOptions(given)
    this.#events = createEventStream(given.clock ?? systemClock)
    const grown = { schemes: this.#schemes, hooks: this.#hooks, policies: this.#policies, events: this.#events }
    this.#ports = createPorts(given, grown)
    // A class with computed names is kept by bundlers, also where nothing uses it.
    Object.assign(this, createOwnVerbs(this.#ports), createHandOuts(this.#ports))
  }

  /**
   * Creates a client from one object, as `@x402/core` takes it.
   *
   * @param config - Schemes and policies, together with the options of the constructor.
   * @returns The client.
   * @throws {@link ConfigurationError} for an unknown key, and `USE_LIMITS` for `spendControls`.
   */
  static fromConfig(config: ClientConfig): x402Client {
    assertClientConfig(config)
    const { schemes, policies, ...options } = config
    return registerConfig(new x402Client(options), { schemes, policies })
  }

  /**
   * Adds a scheme, for both protocols.
   *
   * @param network - One network (`eip155:8453`) or all of a namespace (`eip155:*`), as CAIP-2 names them.
   * @param scheme - Signs there. Schemes written for `@x402/core` register unchanged.
   * @param options - What becomes of its offers where what it signs can't be read.
   * @returns This client.
   * @throws {@link ConfigurationError} `DUPLICATE_SCHEME`, `INVALID_SCHEME`, or with `resign` `CANNOT_RECONCILE`.
   */
  register(network: Network, scheme: SchemeNetworkClient, options?: RegisterOptions): this {
    if (this.#ports.resign === 'when-proven-unspent') assertReconcilable(network, scheme)
    this.#schemes.register(network, scheme, options)
    return this
  }

  /**
   * Adds a scheme that was written for protocol 1 alone. Where protocol 1 is spoken it wins over what `register` added.
   *
   * @param network - A network name of protocol 1, such as `base-sepolia`.
   * @param scheme - Takes the seller's entry as it stands.
   * @param options - As in `register`.
   * @returns This client.
   * @throws {@link ConfigurationError} `DUPLICATE_SCHEME` or `INVALID_SCHEME`.
   */
  registerV1(network: string, scheme: SchemeNetworkClient, options?: RegisterOptions): this {
    this.#schemes.registerV1(network, scheme, options)
    return this
  }

  /**
   * Adds a policy: a function that filters and reorders the offers that can be paid.
   *
   * @param policy - Is shown frozen copies; an offer that it changed falls out.
   * @returns This client.
   */
  registerPolicy(policy: PaymentPolicy): this {
    this.#policies.push(policy)
    return this
  }

  /**
   * Adds an extension: it may add to the `extensions` of a payment, and to nothing else.
   *
   * @param extension - An extension of `@x402/extensions` registers unchanged.
   * @returns This client.
   */
  registerExtension(extension: ClientExtension): this {
    this.#hooks.extensions.push(extension)
    return this
  }

  /** Adds a hook for every 402, before anything else is done about it; it may answer headers to ask again with. */
  onPaymentRequired(hook: PaymentRequiredHook): this {
    this.#hooks.paymentRequired.push(hook)
    return this
  }

  /**
   * Adds a hook that is called after an offer was selected and before the limits are checked.
   *
   * @param hook - May answer `{ abort: true, reason }`, or throw, to stop the payment.
   * @returns This client.
   */
  onBeforePaymentCreation(hook: BeforePaymentCreationHook): this {
    this.#hooks.beforePaymentCreation.push(hook)
    return this
  }

  /**
   * Adds a hook that is called after signing and before sending.
   *
   * @param hook - A throw stops the payment; the signature is dropped.
   * @returns This client.
   */
  onAfterPaymentCreation(hook: AfterPaymentCreationHook): this {
    this.#hooks.afterPaymentCreation.push(hook)
    return this
  }

  /** Adds a hook for a signer that fails; it may supply a payload, which is presented only if it reads as exactly the approved terms. */
  onPaymentCreationFailure(hook: PaymentCreationFailureHook): this {
    this.#hooks.paymentCreationFailure.push(hook)
    return this
  }

  /** Adds a hook for each answer to a paid request; it may answer `{ recovered: true }` to have the same payment presented once more. */
  onPaymentResponse(hook: PaymentResponseHook): this {
    this.#hooks.paymentResponse.push(hook)
    return this
  }

  /**
   * Tells what happens to payments, as it happens.
   *
   * @param event - `'payment'`, the one stream there is.
   * @param listener - Called with each event; what it throws changes nothing. Without one, the events are iterated over.
   * @returns A function that ends the listening, or the events from now on.
   * @throws {@link ConfigurationError} `INVALID_OPTION` for any other name.
   */
  on(event: 'payment'): AsyncIterableIterator<ClientEvent>
  on(event: 'payment', listener: (event: ClientEvent) => void): () => void
  on(event: 'payment', listener?: (event: ClientEvent) => void): AsyncIterableIterator<ClientEvent> | (() => void) {
    if (event !== 'payment') throw invalidOption('event', "'payment', whose events have types such as 'warning'")
    return listener === undefined ? this.#events.iterate() : this.#events.listen(listener)
  }

  /**
   * Lists what the ledger holds, newest first. One in memory keeps the newest 10,000 that are over: see `ledger.completeSince`.
   *
   * @param filter - Which payments, and how many.
   * @returns An array whose `more` says whether it stopped at the limit.
   */
  async payments(filter: PaymentFilter = {}): Promise<PaymentList> {
    return (await import('../desk/payments.js')).listPayments(this.#ports, filter)
  }

  /** Lists the payments that left and that nothing proves settled or dead: what, and until when each can be spent. */
  inDoubt(): Promise<PaymentEntry[]> {
    return this.payments({ money: 'in-doubt', limit: Number.POSITIVE_INFINITY })
  }

  /**
   * Asks the chain what became of every payment in doubt, and settles or releases those of which it knows; none before its end.
   *
   * @returns What was found for each; `in-doubt` where the scheme has no chain to ask.
   */
  async reconcile(): Promise<Reconciled[]> {
    return (await import('../desk/reconciliation.js')).reconcile(this.#ports)
  }

  /**
   * Asks the chain whether the transaction of a receipt is the payment: its payer, recipient, asset, amount, and the nonce that it used.
   *
   * @param id - From `payment.id`. A payment in doubt settles when the chain says so.
   * @param options - Another transaction than the one that the receipt named.
   * @throws {@link ConfigurationError} `NOT_IN_DOUBT` when the payment is neither settled nor in doubt, `PAYMENT_NOT_KEPT` when its ledger
   *   dropped it: one in memory keeps the newest 10,000 that are over.
   */
  async verifyReceipt(id: string, options: VerifyReceiptOptions = {}): Promise<ReceiptCheck> {
    return (await import('../desk/receipt-check.js')).verifyReceipt(id, options, this.#ports)
  }

  /**
   * Cancels a payment in doubt on the chain, so that it can never be spent. Resolves, and releases it, once that is in a block that
   * every source calls finalized. Until then it is in doubt (`CANCEL_NOT_FINAL`): call again later, or {@link x402Client.reconcile}.
   *
   * @param id - From `payment.id` or {@link x402Client.inDoubt}.
   * @param options - How long to wait for that.
   * @returns The released payment, with the transaction that canceled it.
   * @throws {@link ConfigurationError} when it isn't in doubt or the scheme can't cancel, and what the scheme throws, such as
   * `ALREADY_SPENT` when the seller was quicker: the money stays where it is, or is settled where the error's `money` says so.
   */
  async cancel(id: string, options: CancelPaymentOptions = {}): Promise<Reconciled> {
    return (await import('../desk/cancellation.js')).cancelPayment(id, options, this.#ports)
  }

  /**
   * Gives up on getting what a payment bought, so that the purchase may be made again. The money stays counted.
   *
   * @param id - From `payment.id` or {@link x402Client.inDoubt}.
   * @throws {@link ConfigurationError} when its delivery isn't open.
   */
  async forget(id: string): Promise<void> {
    return (await import('../desk/found-payment.js')).forgetPayment(id, this.#ports)
  }

  /**
   * Tells what is spent, held and left of each limit.
   *
   * @param of - A host, a tag or a resource, to see its own limits too.
   */
  async spending(of: SpendingFilter = {}): Promise<Spending[]> {
    return (await import('../desk/spending.js')).readOwnSpending(this.#ports, of)
  }

  /**
   * Creates a client for a tool or an agent, with tighter limits on the same ledger.
   *
   * @param options - Limits that hold in addition to those of this client. Sums count the new client's own payments from now on, or with a
   * `name` all that were ever paid under it; the limits of this client count them, too.
   * @returns A client that can't be loosened.
   * @throws {@link ConfigurationError} for an unknown option.
   */
  restrict(options: RestrictOptions): RestrictedClient {
    return createRestrictedClient(this.#ports, options)
  }

  /**
   * Says in words why a call would be paid or not, and what to do. Asks without paying: nothing is signed, and no one has to approve.
   *
   * @param url - What you want to buy.
   * @param options - The request, if it isn't a GET, the seller's facilitator, and the origin of a page.
   */
  async diagnose(url: string | URL, options: DiagnoseOptions = {}): Promise<Diagnosis> {
    return (await import('../diagnosis/diagnosis.js')).diagnose(url, options, this.#ports)
  }

  /** Allows buying again from origins that took money and delivered nothing: from one, or from all. */
  resetCircuit(origin?: string): void {
    this.#ports.circuit.reset(origin)
  }

  /** @throws {@link ConfigurationError} `USE_LIMITS`, always: limits hold a budget, which spend controls don't. */
  setSpendControls(_controls: unknown): never {
    throw fail(USE_LIMITS)
  }
}
