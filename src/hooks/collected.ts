import type { SchemeNetworkClient } from '../payment/scheme.js'
import type { ClientExtension, CreationHooks, Hooks } from './hooks.js'

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

/** Finds the client's extensions that the seller declares, with what it declared. */
export function declaredExtensions(
  { extensions }: Hooks,
  declared: Readonly<Record<string, unknown>> | undefined,
): { extension: ClientExtension; declaration: unknown }[] {
  if (declared === undefined) return []
  const known = extensions.filter(({ key }) => Object.hasOwn(declared, key))
  return known.map((extension) => ({ extension, declaration: declared[extension.key] }))
}
