import fc from 'fast-check'
import { FITTING, hostileValue } from './fitting-values.js'

/** One change of a JSON value; `at` chooses the place among all the places that it has. */
export type Mutation = { at: number } & (
  | { kind: 'delete' }
  | { kind: 'replace'; value: unknown }
  | { kind: 'add'; key: string; value: unknown }
  /** Sets a field where it belongs, to one of the values that it is most likely to be attacked with. */
  | { kind: 'fit'; key: string; pick: number }
  | { kind: 'duplicate' }
)

const fields = Object.keys(FITTING)
const keys = fc.constantFrom(...fields, 'accepts', 'resource', 'extensions', '__proto__', 'toJSON')

/** Changes, of which a field that is attacked with its own kind of value is the commonest. */
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('fit' as const),
      at: fc.nat(),
      key: fc.constantFrom(...fields),
      pick: fc.nat(),
    }),
    weight: 12,
  },
  { arbitrary: fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), value: hostileValue }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('delete' as const), at: fc.nat() }), weight: 2 },
  {
    arbitrary: fc.record({ kind: fc.constant('add' as const), at: fc.nat(), key: keys, value: hostileValue }),
    weight: 1,
  },
  { arbitrary: fc.record({ kind: fc.constant('duplicate' as const), at: fc.nat() }), weight: 1 },
)

/** Makes one offer of a 402 many; ten thousand are the most that are read. */
export function flood(required: unknown, times: number): unknown {
  const accepts: unknown = isObject(required) && Reflect.get(required, 'accepts')
  if (!Array.isArray(accepts) || JSON.stringify(accepts[0] ?? null).length > 1_000) return required
  return Object.assign({}, required, { accepts: [...Array.from({ length: times }, () => accepts[0]), ...accepts] })
}

type Place = { parent: object; key: string }

/** Applies the changes one after the other to a copy. What a change finds no place for is left out. */
export function mutate(value: unknown, mutations: readonly Mutation[]): unknown {
  const root = { value: structuredClone(value) }
  for (const one of mutations) {
    const places = listPlaces(root).filter((place) => isPlaceOf(one, place))
    const place = places[one.at % places.length]
    if (place !== undefined) apply(one, place)
  }
  return root.value
}

function isPlaceOf(one: Mutation, { parent, key }: Place): boolean {
  const current: unknown = Reflect.get(parent, key)
  if (one.kind === 'duplicate') return Array.isArray(parent)
  if (one.kind === 'add') return isObject(current)
  if (one.kind === 'fit') return isObject(current) && !Array.isArray(current) && isAtHome(one.key, current)
  return true
}

/** Whether the field belongs to an object like this: an offer, its `extra`, or the envelope. */
function isAtHome(field: string, object: object): boolean {
  if (field === 'x402Version') return 'accepts' in object
  const isExtraField = ['name', 'version', 'decimals', 'assetTransferMethod', 'paymentFlow'].includes(field)
  return isExtraField ? 'name' in object || 'version' in object : 'payTo' in object || 'maxTimeoutSeconds' in object
}

function apply(one: Mutation, { parent, key }: Place): void {
  const current: unknown = Reflect.get(parent, key)
  if (one.kind === 'replace') define(parent, key, one.value)
  else if (one.kind === 'delete' && Array.isArray(parent)) parent.splice(Number(key), 1)
  else if (one.kind === 'delete') Reflect.deleteProperty(parent, key)
  else if (one.kind === 'duplicate' && Array.isArray(parent)) parent.push(structuredClone(current))
  else if (one.kind === 'add' && isObject(current)) define(current, one.key, one.value)
  else if (one.kind === 'fit' && isObject(current)) {
    const values = FITTING[one.key] ?? []
    define(current, one.key, values[one.pick % values.length])
  }
}

/** As `JSON.parse` does: `__proto__` becomes a key like any other. A copy, since a later change must not reach the next case. */
function define(parent: object, key: string, value: unknown): void {
  Object.defineProperty(parent, key, {
    value: structuredClone(value),
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

const MAX_PLACES = 300
const MAX_DEPTH = 6

function listPlaces(root: object): Place[] {
  const places: Place[] = []
  const visit = (parent: object, depth: number): void => {
    for (const key of Object.keys(parent)) {
      if (places.length >= MAX_PLACES) return
      places.push({ parent, key })
      const child: unknown = Reflect.get(parent, key)
      if (isObject(child) && depth < MAX_DEPTH) visit(child, depth + 1)
    }
  }
  visit(root, 0)
  return places
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
