import { createHook } from 'node:async_hooks'

/** What is counted, by the name that a table shows. */
export const COUNTED = [
  'promises',
  'Object.freeze',
  'new URL',
  'URL.canParse',
  'JSON.stringify',
  'JSON.parse',
  'crypto.subtle.digest',
  'new Request',
  'new Response',
  'WeakSet, WeakMap',
] as const

/** How often each of these was done. */
export type Counts = Readonly<Record<(typeof COUNTED)[number], number>>

const counts = toCounts(() => 0)

const hook = createHook({
  init(_id, type) {
    if (type === 'PROMISE') counts.promises++
  },
})

/**
 * Replaces what is counted by what counts and does the same. To be called before the clients are loaded, since one may keep what it finds
 * then, and in a process of its own, since it is never undone.
 */
export function installCounters(): void {
  countCalls(Object, 'Object.freeze', ['freeze'])
  countCalls(JSON, 'JSON.stringify', ['stringify'])
  countCalls(JSON, 'JSON.parse', ['parse'])
  countCalls(SubtleCrypto.prototype, 'crypto.subtle.digest', ['digest'])
  countCalls(WeakSet.prototype, 'WeakSet, WeakMap', ['add', 'has', 'delete'])
  countCalls(WeakMap.prototype, 'WeakSet, WeakMap', ['get', 'set', 'has', 'delete'])
  countCalls(URL, 'URL.canParse', ['canParse'])
  globalThis.URL = countConstructions(URL, 'new URL')
  globalThis.Request = countConstructions(Request, 'new Request')
  globalThis.Response = countConstructions(Response, 'new Response')
}

/**
 * Counts what one call does, until its work afterwards is done, too.
 *
 * @param work - Warmed up before.
 */
export async function count(work: () => Promise<unknown>): Promise<Counts> {
  const own = await countOnce(async () => undefined)
  const all = await countOnce(work)
  return toCounts((name) => all[name] - own[name])
}

async function countOnce(work: () => Promise<unknown>): Promise<Counts> {
  for (const name of COUNTED) counts[name] = 0
  hook.enable()
  await work()
  // A ledger may be written after the answer was handed over.
  await new Promise((resolve) => setTimeout(resolve, 5))
  hook.disable()
  return { ...counts }
}

function toCounts(read: (name: keyof Counts) => number) {
  const entries = COUNTED.map((name) => [name, read(name)] as const)
  return Object.fromEntries(entries) as Record<keyof Counts, number>
}

function countCalls(holder: object, name: keyof Counts, methods: readonly string[]): void {
  for (const method of methods) {
    const original: unknown = Reflect.get(holder, method)
    if (typeof original !== 'function') throw new Error(`${name}: there is no ${method} to count`)
    const counting = new Proxy(original, {
      apply(target, self, parameters) {
        counts[name]++
        return Reflect.apply(target, self, parameters)
      },
    })
    Reflect.defineProperty(holder, method, { value: counting, configurable: true, writable: true })
  }
}

function countConstructions<Class extends abstract new (...parameters: never) => object>(
  original: Class,
  name: keyof Counts,
): Class {
  const counting: Class = new Proxy(original, {
    construct(target, parameters, asked) {
      counts[name]++
      return Reflect.construct(target, parameters, asked === counting ? target : asked)
    },
  })
  return counting
}
