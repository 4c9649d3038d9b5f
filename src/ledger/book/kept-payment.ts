import type { Delivery, LedgerRecord, NewRecord, State } from '../../flow/ports.js'
import type { Changing } from './record.js'
import type { Copied, Entry } from './window.js'

/** What payments of one price to one seller have in common, which is most of a record. */
export type Deal = Omit<NewRecord, 'purchase' | 'coarse' | 'resource'>

/** What most payments that are over have none of. */
type Rare = Pick<
  Changing,
  'charges' | 'charged' | 'cancellation' | 'allowances' | 'sellerSaid' | 'presentation' | 'status' | 'forgotten'
>

/**
 * A payment of an earlier process, as a book keeps it. There may be a hundred thousand: what it shares with others is kept once,
 * what it doesn't have takes no room, and a record is made of it when one is asked for.
 *
 * It changes while its file is read, and never after that: then only what is made of it does. A class, since closures for each
 * would take more room than the payment.
 */
export class KeptPayment implements Changing, Entry {
  readonly id: string
  readonly atSeconds: number
  state: State
  delivery: Delivery = 'none'
  validUntilSeconds: number | undefined = undefined
  nonce: string | undefined = undefined
  transaction: string | undefined = undefined
  purchase: string
  readonly #coarse: string | undefined
  readonly #resource: string
  readonly #deal: Deal
  #rare: Rare | undefined = undefined
  #moved: LedgerRecord | undefined = undefined

  constructor(own: Pick<LedgerRecord, 'id' | 'atSeconds' | 'purchase' | 'coarse' | 'resource' | 'state'>, deal: Deal) {
    this.id = own.id
    this.atSeconds = own.atSeconds
    this.state = own.state
    this.purchase = own.purchase
    this.#coarse = own.coarse
    this.#resource = own.resource
    this.#deal = deal
  }

  /** As it is now. */
  get record(): LedgerRecord {
    return this.#moved ?? this.original
  }

  set record(moved: LedgerRecord) {
    this.#moved = moved
  }

  /** As its file says. All members are named, so that none is forgotten: what isn't read here is lost with the process. */
  get original(): LedgerRecord {
    const record: { [Name in keyof Required<LedgerRecord>]: LedgerRecord[Name] } = {
      purchase: this.purchase,
      coarse: this.#coarse,
      isKeyed: this.#deal.isKeyed,
      origin: this.#deal.origin,
      host: this.#deal.host,
      method: this.#deal.method,
      resource: this.#resource,
      payer: this.#deal.payer,
      scheme: this.#deal.scheme,
      network: this.#deal.network,
      asset: this.#deal.asset,
      payTo: this.#deal.payTo,
      amount: this.#deal.amount,
      symbol: this.#deal.symbol,
      decimals: this.#deal.decimals,
      tags: this.#deal.tags,
      unread: this.#deal.unread,
      charges: this.charges,
      id: this.id,
      atSeconds: this.atSeconds,
      state: this.state,
      delivery: this.delivery,
      claimed: false,
      presentation: this.presentation,
      validUntilSeconds: this.validUntilSeconds,
      nonce: this.nonce,
      charged: this.charged,
      transaction: this.transaction,
      cancellation: this.cancellation,
      allowances: this.allowances,
      sellerSaid: this.sellerSaid,
      status: this.status,
      forgotten: this.forgotten,
    }
    return Object.freeze(record)
  }

  /** As it is now, in a form that no later move changes. */
  copy(): Copied {
    return this.#moved ?? this
  }

  /** Nobody presents what an earlier process sent, until this one claims it. */
  get claimed(): boolean {
    return false
  }

  set claimed(_isClaimed: boolean) {
    // Any move says that it is over, which it always is.
  }

  get charges(): LedgerRecord['charges'] {
    return this.#rare?.charges ?? this.#deal.charges
  }

  set charges(charges: LedgerRecord['charges']) {
    if (charges !== this.charges) this.#keep({ charges })
  }

  get charged(): bigint | undefined {
    return this.#rare?.charged
  }

  set charged(charged: bigint | undefined) {
    if (charged !== this.charged) this.#keep({ charged })
  }

  get cancellation(): string | undefined {
    return this.#rare?.cancellation
  }

  set cancellation(cancellation: string | undefined) {
    if (cancellation !== this.cancellation) this.#keep({ cancellation })
  }

  get allowances(): LedgerRecord['allowances'] {
    return this.#rare?.allowances
  }

  set allowances(allowances: LedgerRecord['allowances']) {
    if (allowances !== this.allowances) this.#keep({ allowances })
  }

  get sellerSaid(): string | undefined {
    return this.#rare?.sellerSaid
  }

  set sellerSaid(sellerSaid: string | undefined) {
    if (sellerSaid !== this.sellerSaid) this.#keep({ sellerSaid })
  }

  get status(): LedgerRecord['status'] {
    return this.#rare?.status
  }

  set status(status: LedgerRecord['status']) {
    if (status !== this.status) this.#keep({ status })
  }

  get forgotten(): LedgerRecord['forgotten'] {
    return this.#rare?.forgotten
  }

  set forgotten(forgotten: LedgerRecord['forgotten']) {
    if (forgotten !== this.forgotten) this.#keep({ forgotten })
  }

  get presentation(): LedgerRecord['presentation'] {
    return this.#rare?.presentation
  }

  set presentation(presentation: LedgerRecord['presentation']) {
    if (presentation !== this.presentation) this.#keep({ presentation })
  }

  #keep(rare: Partial<Rare>): void {
    this.#rare = { charges: this.charges, ...this.#rare, ...rare }
  }
}
