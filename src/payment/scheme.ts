import type { Network } from '../wire/network.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { Clock } from './clock.js'
import type { RandomBytes } from './random.js'

/**
 * The longest that an authorization may be valid, in seconds, whatever the seller asks for: what isn't settled by then must expire by
 * itself. Facilitators need only a few seconds.
 */
export const MAX_VALIDITY_SECONDS = 600

/**
 * How one scheme signs on one family of chains: the one window between pay402 and a chain.
 *
 * The first two members are the field's own interface, so a scheme object written for `@x402/core` registers unchanged. The
 * others are optional, and each buys the buyer something: `refuse` a reason before anything is reserved, `describe` the
 * comparison of what was signed with what was approved, `payer` resuming after a crash.
 */
export interface SchemeNetworkClient {
  /** The scheme's name in `accepts`: `exact`, `upto`, … */
  readonly scheme: string
  /** The account that pays; left out where {@link accounts} says which can. */
  readonly payer?: string | undefined
  /** The accounts that this object pays from, where there are several: each a scheme of its own, with a `payer`. */
  readonly accounts?: readonly SchemeNetworkClient[] | undefined
  /**
   * Which of {@link accounts} pays. Asked once per payment, before anyone approves it. The account that it returns is then approved, written down, and signs.
   *
   * @returns One of {@link accounts}.
   * @throws Whatever its rule throws; then nothing is paid.
   */
  choosePayer?(requirements: PaymentRequirements): Promise<SchemeNetworkClient>
  /**
   * Signs a payment.
   *
   * @param x402Version - The protocol that the seller speaks; some signed fields differ.
   * @param requirements - The approved terms, frozen, in the shape of protocol 2.
   * @param context - What else is known; schemes from elsewhere may ignore it.
   * @returns The signed payload; the client adds the envelope.
   * @throws Whatever the signer throws; then nothing is paid.
   */
  createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context?: SchemeContext,
  ): Promise<PaymentPayloadResult>
  /**
   * Loads what signing these terms needs that isn't there yet. Called before anything is reserved: what can't be loaded refuses the payment as
   * `PART_NOT_LOADED`, with the money untouched.
   *
   * @param extensions - What the seller declared under `extensions`, frozen.
   * @returns `undefined` when nothing has to be loaded; then nothing is waited for.
   */
  prepare?(
    requirements: PaymentRequirements,
    extensions: Readonly<Record<string, unknown>>,
  ): Promise<unknown> | undefined
  /** The dollar-pegged asset at this address, if the scheme knows it. No dollar limit can price an asset that it doesn't know. */
  findDefaultAsset?(asset: string, network: Network): DefaultAsset | undefined
  /**
   * The address of the one dollar-pegged asset that goes by a symbol on a network, for sellers that write `USDC` in its place. Without a symbol,
   * the one that the network has; `undefined` when it knows several, or none.
   */
  findAssetBySymbol?(symbol: string | undefined, network: Network): string | undefined
  /** Why these terms can't be signed, as the end of "this offer was not taken: …"; `undefined` when they can. */
  refuse?(requirements: PaymentRequirements, x402Version?: number): string | undefined
  /** Reads whether the payer holds enough. A failure to read is `unknown`, never `short`: a dead RPC isn't an empty wallet. */
  readFunding?(requirements: PaymentRequirements): Promise<Funding>
  /** Reads what the payer holds, for those who ask why a payment fails; what can't be read is left out. */
  readHoldings?(requirements: PaymentRequirements): Promise<Holdings>
  /**
   * Told of a payment with an allowance of its own whose seller responded without settling it. That proves nothing; but the next payment of the
   * account needn't wait until the allowance is used.
   */
  noteUnsettled?(nonce: string): Promise<void>
  /** Where a person can look at a transaction; `undefined` for networks without a known explorer. */
  explorerUrl?(transaction: string, network: Network): string | undefined
  /** `false`: no chain can be asked at all, so payments in doubt needn't be looked for. @default wherever there is `canReconcile` */
  readonly canAskChain?: boolean | undefined
  /** Whether the chain can be asked about authorizations on this network. */
  canReconcile?(network: Network): boolean
  /** Asks the chain what became of an authorization. A failure to ask is `unknown`, and proves nothing. */
  reconcile?(described: Described, requirements: PaymentRequirements): Promise<ChainVerdict>
  /**
   * Asks the chain whether a transaction is this payment and no other: its payer, recipient, asset, amount, and the nonce that it used. A
   * failure to ask is `unknown`, and proves nothing.
   *
   * @param transaction - What the seller's receipt names; nothing in it is trusted.
   */
  verifyReceipt?(described: Described, requirements: PaymentRequirements, transaction: string): Promise<ReceiptVerdict>
  /**
   * Cancels an authorization on the chain, so that it can never be spent. Resolves only when the cancellation is in a block that every
   * source calls finalized.
   *
   * @param described - With {@link Described.cancellation}, a cancellation was already sent: that one is waited for.
   * @returns The transaction that canceled it.
   * @throws When it isn't final in time, or failed; the money stays in doubt.
   */
  cancel?(
    described: Described,
    requirements: PaymentRequirements,
    options?: CancelOptions,
  ): Promise<{ transaction: string }>
  /** Hooks of the scheme itself, called after those of the client. */
  readonly schemeHooks?: SchemeHooks | undefined
  /**
   * Reads what a payload authorizes from the payload itself.
   *
   * @param nowSeconds - When it was signed, in seconds since 1970, for payloads that say how long they are valid and not until when.
   * @returns `undefined` when it can't be read: then it is dropped unsent.
   */
  describe?(payload: unknown, requirements: PaymentRequirements, nowSeconds: number): Described | undefined
  /**
   * Predicts what others can take with the payload that is signed for these terms, in atomic units: a deposit, for example. That is held to the
   * limits and reserved before the signer is asked; a payload that reads higher is dropped unsent.
   *
   * If left out, it is the amount, which is also the least that counts.
   */
  predictExposure?(requirements: PaymentRequirements): bigint
  /** The payment flow of terms that name none, such as `escrow`. If left out, it is `authorization`: nothing moves before the response. */
  defaultPaymentFlow?(requirements: PaymentRequirements): string
  /**
   * Lists what these terms may make it sign along with the payment. Everyone who approves payments is shown the list, and nothing else is
   * let through. A scheme without this member isn't told that a seller would take such a signature.
   *
   * @param extensions - What the seller declared under `extensions`.
   */
  listAllowances?(
    requirements: PaymentRequirements,
    extensions: Readonly<Record<string, unknown>>,
  ): readonly TokenAllowance[]
}

/** Lets a contract take tokens from the payer: signed along with a payment that needs it, and sent with that payment. */
export type TokenAllowance = {
  /** The extension of the protocol that carries it, such as `eip2612GasSponsoring`. */
  readonly by: string
  readonly asset: string
  /** Who may take them. */
  readonly spender: string
  /** Most that may be taken, in atomic units. */
  readonly amount: string
}

/**
 * How a cancellation is waited for.
 *
 * @example
 * ```ts
 * import type { CancelOptions } from 'pay402'
 *
 * const options: CancelOptions = { timeoutMs: 60_000, onSent: async (transaction) => console.info(transaction) }
 * ```
 */
export type CancelOptions = {
  /** How long to wait until it is mined and final, in milliseconds; 0 looks once. @default 120_000 */
  timeoutMs?: number | undefined
  /** Called with the transaction as soon as it is sent, before anything is waited for, so that it is written down. @default not called */
  onSent?: ((transaction: string) => Promise<void>) | undefined
}

/** What the chain says about an authorization. */
export type ChainVerdict = {
  /**
   * `spent`: its nonce was used by a payment. `unspent`: it can still be spent. `unspent-and-dead`: it was not spent and never
   * will be, since it was canceled, or a final block is later than its end and the nonce is unused there. `unknown`: the chain
   * couldn't be asked, or the sources disagree.
   */
  readonly verdict: 'spent' | 'unspent' | 'unspent-and-dead' | 'unknown'
  /** The transaction that spent or canceled it, where the chain could be asked for it. */
  readonly transaction?: string | undefined
  /** With `unspent-and-dead`: every source has the cancellation `transaction` in a block that it calls finalized. */
  readonly canceled?: true | undefined
  /**
   * With `spent`, of a scheme that may take less than was signed: what the transaction really took, in atomic units, where the chain
   * tells and its block is final. Budgets get back the rest.
   */
  readonly amount?: bigint | undefined
}

/**
 * What the chain says about the transaction that a receipt names.
 *
 * - `settled`: it is this payment, and took `amount`, in atomic units.
 * - `mismatch`: it is mined, and isn't this payment; `problems` are what doesn't fit, one sentence each.
 * - `unknown`: nothing is proven, `because` the chain couldn't be asked, has no such transaction yet, or its sources disagree.
 *
 * With `final`, no reorganization of the chain can change it any more.
 */
export type ReceiptVerdict =
  | { readonly verdict: 'settled'; readonly amount: bigint; readonly final: boolean }
  | { readonly verdict: 'mismatch'; readonly problems: readonly string[]; readonly final: boolean }
  | { readonly verdict: 'unknown'; readonly because: string }

/** Hooks that a scheme brings along; their contexts are those of the client's hooks of the same names. */
export type SchemeHooks = {
  // Methods, so that the narrower contexts of schemes from elsewhere fit.
  onBeforePaymentCreation?(context: never): unknown
  onAfterPaymentCreation?(context: never): unknown
  onPaymentCreationFailure?(context: never): unknown
  onPaymentResponse?(context: never): unknown
}

/** Whether a wallet holds what an offer asks. */
export type Funding = 'enough' | 'short' | 'unknown'

/** What a wallet has for one payment. What couldn't be read is left out. */
export type Holdings = {
  /** Of the asset, in atomic units. */
  readonly balance?: bigint | undefined
  /** How much of it a contract may take, in atomic units, if the payment needs that. */
  readonly allowance?: { readonly spender: string; readonly amount: bigint } | undefined
}

/** What a scheme returns; the client adds the envelope. */
export type PaymentPayloadResult = {
  x402Version: number
  payload: Record<string, unknown>
  extensions?: Record<string, unknown> | undefined
  /** Allowances that were signed along with the payment, out of those that {@link SchemeNetworkClient.listAllowances} named. */
  allowances?: readonly TokenAllowance[] | undefined
}

/** What a scheme is handed in addition to the terms. Schemes from elsewhere may ignore all of it. */
export type SchemeContext = {
  /** What the seller declared under `extensions`, frozen. */
  extensions?: Record<string, unknown>
  clock?: Clock
  random?: RandomBytes
  /** The longest that the authorization may be valid, in seconds from now by our clock. */
  maxValiditySeconds?: number
  /** What was reserved for this payment, in atomic units: the most that others may be able to take with it. */
  maxAmountPerPayment?: string
  /** Fires when the call is aborted: what is signed after that is dropped. */
  signal?: AbortSignal | undefined
  /** Whether the client prepays routes. Then a scheme may fetch ahead what the next payment needs, which waits for nothing else. */
  prepays?: boolean
}

/** An asset that a scheme knows to be worth a dollar. */
export type DefaultAsset = {
  /** The address, in its canonical spelling. */
  asset: string
  decimals: number
  symbol: string
}

/** Finds the dollar-pegged asset at an address; see {@link SchemeNetworkClient.findDefaultAsset}. */
export type FindDefaultAsset = NonNullable<SchemeNetworkClient['findDefaultAsset']>

/** What a signed payload authorizes. */
export type Described = {
  payer: string
  payTo: string
  asset: string
  /** Most that it can cost, in atomic units. */
  amount: bigint
  /** Most that others can take with it, in atomic units: with a deposit, all of it. @default the amount */
  exposure?: bigint | undefined
  /** When it expires by itself, in seconds since 1970; `Infinity` when it never does. */
  validUntilSeconds: number
  /** What the chain remembers when it is spent. */
  nonce: string
  /** The contract that the payer must have allowed to take the tokens, if the payment needs one. */
  spender?: string | undefined
  /** The transaction that was sent to cancel it, from the ledger; a payload doesn't say. */
  cancellation?: string | undefined
}

/** Reads back what a payload authorizes; see {@link SchemeNetworkClient.describe}. */
export type Describe = NonNullable<SchemeNetworkClient['describe']>

/** Whether a scheme can read its own payloads back; if it pays from several accounts, whether each of them can. */
export function isReading({ describe, accounts }: SchemeNetworkClient): boolean {
  return accounts?.every(isReading) ?? describe !== undefined
}

/** What is known about the scheme objects of a published package, so that they are held to what was approved without their help. */
export type PublishedScheme = {
  /** As {@link SchemeNetworkClient.predictExposure}, for one object. @default the amount */
  predictExposure?(requirements: PaymentRequirements, scheme: SchemeNetworkClient): bigint
  /** As {@link SchemeNetworkClient.defaultPaymentFlow}. */
  readonly defaultPaymentFlow: string
  /** Loads what reads its payloads; left out when nothing does. */
  loadDescribe?(): Promise<Describe>
}

/**
 * The account that a scheme pays from: the one that it names, or the one of its signer, where the official objects keep it. Without that, any
 * account could present what another one paid.
 */
export function payerOf(scheme: SchemeNetworkClient): string | undefined {
  if (scheme.payer !== undefined || scheme.accounts !== undefined) return scheme.payer
  const signer: unknown = Reflect.get(scheme, 'signer')
  const address: unknown = typeof signer === 'object' && signer !== null ? Reflect.get(signer, 'address') : undefined
  return typeof address === 'string' ? address : undefined
}
