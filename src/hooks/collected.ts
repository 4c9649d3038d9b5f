import type { SchemeNetworkClient } from '../payment/scheme.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { ClientExtension, CreationHooks, Hooks, PaymentResponseHook } from './hooks.js'

const SLOTS = {
  onBeforePaymentCreation: 'beforePaymentCreation',
  onAfterPaymentCreation: 'afterPaymentCreation',
  onPaymentCreationFailure: 'paymentCreationFailure',
  onPaymentResponse: 'paymentResponse',
} as const

/** Collects the hooks of one slot in the order in which they are called: the client's, the scheme's, those of declared extensions. */
export function collectHooks<Slot extends keyof typeof SLOTS>(
  slot: Slot,
  hooks: Hooks,
  scheme: SchemeNetworkClient | undefined,
  declared: Readonly<Record<string, unknown>> | undefined,
): NonNullable<CreationHooks[Slot]>[] {
  type Hook = NonNullable<CreationHooks[Slot]>
  const own = hooks[SLOTS[slot]] as readonly Hook[] // the table pairs each slot with the list of its hooks
  const schemes = scheme?.schemeHooks?.[slot]
  const extensions = declaredExtensions(hooks, declared).flatMap(({ extension, declaration }) => {
    // Each hook is of its slot's own type, which an index by `slot` loses.
    const hook = extension.hooks?.[slot] as ((declaration: unknown, context: unknown) => unknown) | undefined
    return hook === undefined ? [] : [((context: unknown) => hook(declaration, context)) as Hook]
  })
  return [...own, ...(schemes === undefined ? [] : [schemes as Hook]), ...extensions]
}

/** Payments of which a scheme was shown a receipt that says success; so many that the ones which may be told again are among them. */
const shownReceipts = new Set<string>()
const MAX_SHOWN = 10_000

/**
 * Collects the hooks that are shown what came back for a payment. A scheme that keeps accounts of a channel adds up what each receipt says was
 * charged, so of one payment it is shown one that says success once, however often it's told.
 */
export function collectResponseHooks(
  hooks: Hooks,
  scheme: SchemeNetworkClient | undefined,
  declared: Readonly<Record<string, unknown>> | undefined,
  { id, settleResponse }: { readonly id: string; readonly settleResponse: SettleResponse | undefined },
): PaymentResponseHook[] {
  if (scheme?.schemeHooks?.onPaymentResponse === undefined || settleResponse?.success !== true) {
    return collectHooks('onPaymentResponse', hooks, scheme, declared)
  }
  const isFirst = !shownReceipts.has(id)
  const [oldest] = shownReceipts
  if (isFirst && shownReceipts.size >= MAX_SHOWN && oldest !== undefined) shownReceipts.delete(oldest)
  shownReceipts.add(id)
  return collectHooks('onPaymentResponse', hooks, isFirst ? scheme : undefined, declared)
}

/** Finds the client's extensions that the seller declares, with what it declared. */
export function declaredExtensions(
  { extensions }: Hooks,
  declared: Readonly<Record<string, unknown>> | undefined,
): { extension: ClientExtension; declaration: unknown }[] {
  if (declared === undefined) return []
  const known = extensions.filter(({ key }) => Object.hasOwn(declared, key))
  return known.map((extension) => ({ extension, declaration: declared[extension.key] }))
}
