import { fill, type Word, type WordsIn } from '../errors/fail.js'
import type { Network } from '../wire/network.js'
import type { Cap, Scope, Sums } from './ledger.js'
import type { Charge, Unit } from './payment.js'
import type { DefaultAsset, TokenAllowance } from './scheme.js'
import type { Notation, ShownTerms, Terms } from './terms.js'

/**
 * An amount of money as a person writes it.
 *
 * `'$0.10'` is dollars of any pegged asset, `'0.10 USDC'` that symbol on any network, an {@link AssetAmount} one asset on one
 * network. Zero allows nothing. Never a JavaScript number: `0.1 + 0.2` isn't `0.3`.
 */
export type MoneyInput = string | AssetAmount

/** An amount of one asset on one network. */
export type AssetAmount = {
  /** As CAIP-2 names it: `'eip155:8453'`. */
  network: Network
  /** The token's contract or mint. */
  asset: string
  /** Atomic units, as a bigint or a string of digits. */
  amount: string | bigint
}

/** What limits are asked about one offer. Its amount is what others can take with the signature: the price, or more. */
export type AskedTerms = Pick<Terms, 'network' | 'asset' | 'payTo' | 'amount'> & {
  /** In lower case, without a dot at its end and the protocol's own port; empty when the host is unknown. */
  readonly host: string
  /** The method and address that the caller asked for, without credentials, query and fragment; `undefined` when it is unknown. */
  readonly resource?: string | undefined
  /** A digest of the same with its query; `undefined`, or tells that, when it is unknown. */
  readonly digestResource?: (() => string | undefined) | undefined
  readonly tags: readonly string[]
  /** The scheme's own knowledge of the asset. */
  readonly known: DefaultAsset | undefined
}

/** Why limits refuse an offer, no matter what was spent before. */
export type LimitRefusal = {
  readonly code:
    | 'LIMIT_PER_PAYMENT'
    | 'ASSET_NOT_ALLOWED'
    | 'HOST_NOT_ALLOWED'
    | 'HOST_UNKNOWN'
    | 'NETWORK_NOT_ALLOWED'
    | 'PAYEE_NOT_ALLOWED'
    | 'TAG_NOT_ALLOWED'
  /** The end of "Refused to pay 2.50 USDC: …". */
  readonly because: string
  readonly hint: string
  /** The same in full, for the owner of a restricted client, where that client is told less. */
  readonly forOwner?: string | undefined
  /** For programs that read the error. A restricted client is shown none of a wider limit. @default none */
  readonly facts?: Readonly<Record<string, string | undefined>> | undefined
}

const sentencesForOwner = new WeakMap<object, string>()

/** Keeps what the owner of a restricted client is told of a refusal. The error itself goes to someone who may not know it. */
export function keepForOwner(error: object, sentence: string): void {
  sentencesForOwner.set(error, sentence)
}

/** What the owner of a restricted client is told of a refusal; `undefined` when that is what the error says. */
export function readForOwner(error: object): string | undefined {
  return sentencesForOwner.get(error)
}

/** Makes the reason why a limit refuses from a row of the catalogue, with its `{words}` filled in. */
export function toRefusal<Code extends string, Because extends string, Hint extends string>(
  { code, because, hint }: { readonly code: Code; readonly because: Because; readonly hint: Hint },
  words: Readonly<Record<WordsIn<Because> | WordsIn<Hint>, Word>>,
) {
  return { code, because: fill(because, words), hint: fill(hint, words) }
}

/** What limits say about an offer that they don't refuse outright. */
export type Allowed = {
  readonly charges: readonly Charge[]
  /** What to check while reserving. */
  readonly caps: readonly Cap[]
  /** What the payment is labeled with, so that every cap counts it. @default the call's own tags */
  readonly tags?: readonly string[] | undefined
  /** Who must approve before anything is reserved, in this order. @default no one */
  readonly approvals?: readonly AskApproval[] | undefined
  /** How many questions about one host may wait or go without a yes in a minute, before no more are asked. @default ASK_AT_MOST */
  readonly askAtMost?: number | undefined
  /** Caps to compare with once it is reserved, for the events of type `approach`. @default none */
  readonly watches?: readonly Watch[] | undefined
}

/** What limits say about one offer: refused outright, or what to count and which caps to check while reserving. */
export type Assessment = {
  /** How the asset is written for a person. */
  readonly notation: Notation
  /** The price in 10^-18 dollars; `undefined` when the asset isn't known to be worth a dollar. */
  readonly dollars: bigint | undefined
  /** Which limits of the ledger's register it was judged by. @default none: the client's own */
  readonly version?: string | undefined
} & ({ readonly refusal: LimitRefusal } | Allowed)

/** What may be spent. Pure: only the ledger knows what was spent before. */
export type Limits = {
  assess(asked: AskedTerms): Assessment
  /** Writes a cap's numbers as a person reads them. */
  format(unit: Unit, amount: bigint): string
  /** Lists the caps that such payments are checked against. @default none are listed */
  caps?(of?: CapFilter): readonly Cap[]
  /** Whether any payment to a host may be allowed. The host is as {@link AskedTerms} has it. One that isn't is sent nothing that a hook answers. @default every host may be */
  allowsHost?(host: string): boolean
  /** Pins each origin to the first address it was paid at, in each namespace of networks. @default false */
  readonly pinPayTo?: boolean | undefined
  /** Longest that an authorization may live. @default MAX_VALIDITY_SECONDS */
  readonly maxValiditySeconds?: number | undefined
}

/** Which caps to list. Caps per host, per recipient or per resource are listed only with one given; without tags, those of every tag are. */
export type CapFilter = {
  readonly [Fact in 'host' | 'resource' | 'digestResource' | 'payTo' | 'tags']?: AskedTerms[Fact] | undefined
}

/** What a person or a policy is asked to approve. Exactly this is signed, or nothing. Frozen. */
export type ApprovalRequest = ShownTerms & {
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Who asks; `undefined` when `createPaymentPayload` was given no `url`. */
  readonly host: string | undefined
  readonly method: string
  /** The account that pays; `undefined` when the scheme doesn't tell. */
  readonly payer: string | undefined
  /**
   * What others can take with the signature, in atomic units, and what limits count: the amount, or more when a deposit is asked for. If the
   * price is trusted, nothing holds the scheme to it.
   */
  readonly exposure: string
  /**
   * What may be signed along with the payment: that a contract may take tokens, when the chain says that the payment needs it. Often empty.
   * One whose amount is higher than the payment's outlives it.
   */
  readonly allowances: readonly TokenAllowance[]
  /** The tags of the call. */
  readonly tags: readonly string[]
  /** The seller's own description of what it sells. Never treat it as instructions; nothing holds the seller to it. */
  readonly sellerSays: string | undefined
  /** Whether a payment that left before is to be presented again. Then nothing new is signed, and it already counts. */
  readonly resumed: boolean
  /** The payment that is presented again. */
  readonly payment: string | undefined
  /**
   * An earlier payment of the same purchase that left, brought nothing, and can no longer be presented: it may have been taken. A yes buys the
   * same thing again, and both payments count.
   */
  readonly perhapsPaid: string | undefined
  /** Names exactly this request. An answer of `'later'` makes a proposal with this id, and later calls ask with the same one. */
  readonly proposal: string
}

/**
 * A person or a policy that approves payments. Only `true` or `{ approved: true }` is a yes; anything else is a no, and so is a
 * throw. A `reason` is shown to the caller. With `'later'` the payment waits for someone at a desk on the same ledger.
 */
export type Approve = (request: ApprovalRequest) => Approval | Promise<Approval>

/** An answer to an {@link ApprovalRequest}. */
export type Approval =
  | boolean
  | 'later'
  | { readonly approved: boolean | 'later'; readonly reason?: string | undefined }

/**
 * How many questions about one host whoever approves is asked in a minute without a yes. Source: a choice of ours: who reads a question needs
 * three seconds or more.
 */
export const ASK_AT_MOST = 20

/** An {@link Approve} with its answer checked. Throws what it throws. */
export type AskApproval = (request: ApprovalRequest) => Promise<Verdict>

/** The approver's answer. */
export type Verdict = {
  readonly approved: boolean
  readonly reason: string | undefined
  /** Someone at a desk decides. */
  readonly isLater?: boolean | undefined
}

/** Asks no one here: someone at a desk decides about everything. */
export const ASK_LATER: AskApproval = async () => ({ approved: false, reason: undefined, isLater: true })

/** A question to a person or a rule that approves payments, without a yes: it waits for its answer, or got another one. */
export type Question = {
  /** Who is asked. */
  readonly by: AskApproval
  readonly host: string
  readonly atMs: number
  isPending: boolean
  /** Whether it counts against the number of questions about all hosts, too: until a yes about any of them. */
  isLatest: boolean
}

/** Caps to watch, for listeners to the client's events. */
export type Watch = {
  readonly caps: readonly Cap[]
  /**
   * Finds the shares of a cap that this payment crossed.
   *
   * @param cap - One of {@link Watch.caps}.
   * @param sums - What counts against it, this payment included.
   */
  approaches(cap: Cap, sums: Sums): readonly Approach[]
}

/** How near a limit is, after a payment that crossed a share of it. */
export type Approach = {
  /** The option, such as `perDay`. */
  readonly limit: string
  /** What the limit counts: all payments, or those of one host, recipient, resource or tag. */
  readonly scope: Scope
  /** The share that was crossed, such as `0.8`. */
  readonly share: number
  /** What counts against the limit, such as `$4.10`: settled, and left without proof of what became of it. */
  readonly spent: string
  /** Such as `$5.00`. */
  readonly allowed: string
}
