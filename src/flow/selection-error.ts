import { X402Error, type X402ErrorOptions } from '../errors.js'
import type { Considered } from './steps.js'

/** Codes of {@link SelectionError}. */
export type SelectionErrorCode = 'NO_OFFERS' | 'NO_PAYABLE_OFFER' | 'POLICY_FAILED' | 'REFUSED_BY_HOOK'

/** No offer was taken: none can be paid by this client, or a policy or a hook stopped it. Nothing was signed. */
export class SelectionError extends X402Error<SelectionErrorCode> {
  static override readonly kind: string = 'SelectionError'

  readonly #considered: () => readonly Considered[]

  constructor(
    shortMessage: string,
    options: X402ErrorOptions<SelectionErrorCode> & { considered: () => readonly Considered[] },
  ) {
    super(shortMessage, options)
    this.#considered = options.considered
  }

  /** Why each offer was not taken, in the seller's order. */
  get considered(): readonly Considered[] {
    return this.#considered()
  }
}
