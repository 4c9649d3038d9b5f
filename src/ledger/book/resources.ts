import type { CallFacts } from '../../payment/payment.js'
import { systemRandomBytes } from '../../payment/random.js'
import type { Places } from './places.js'

/** Where the payments of each resource are: an index, since resources are as many as payments. */
export type Resources = {
  /** The places of a resource's payments from one on, in their order. */
  placesOf(resource: string, from: number): readonly number[]
  /** To be told of each payment that is added to the places. */
  add(place: number): void
}

const FIRST_ROOM = 1024

/** The resource that a payment counts for: what the caller asked for. */
export function resourceOf({ asked, resource }: Pick<CallFacts, 'asked' | 'resource'>): string {
  return asked ?? resource
}

let seeds: Uint32Array | undefined

/**
 * What stands for a resource where its text isn't kept: 53 bits, so that of a million resources no two are taken for one. If they were, a limit
 * would count too much, never too little. It begins with numbers that are drawn once, so that no seller can choose two that are.
 *
 * Source: cyrb53, with the multipliers of MurmurHash 3.
 */
export function toMark(resource: string): number {
  // Drawn late, since edge runtimes forbid randomness while a module loads.
  seeds ??= new Uint32Array(Uint8Array.from(systemRandomBytes(8)).buffer)
  let [high = 0, low = 0] = seeds
  for (let index = 0; index < resource.length; index++) {
    const code = resource.charCodeAt(index)
    high = Math.imul(high ^ code, 0x9e3779b1)
    low = Math.imul(low ^ code, 0x5f356495)
  }
  const first = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  const second = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return (second & 0x1fffff) * 2 ** 32 + (first >>> 0)
}

/**
 * Creates the index, by one look at all payments. It takes about 16 bytes for each, so a ledger makes it when the first limit asks for a resource.
 *
 * @param places - All payments.
 */
export function createResources({ count, markOf }: Pick<Places, 'count' | 'markOf'>): Resources {
  let room = FIRST_ROOM
  let known = new Float64Array(room)
  /** For each place, the one before it in the same chain, and for each chain its last place; both from 1, since 0 is none. */
  let earlier = new Uint32Array(room)
  let last = new Uint32Array(room)
  let end = 0

  function chain(place: number): void {
    const at = (known[place] ?? 0) % room
    earlier[place] = last[at] ?? 0
    last[at] = place + 1
  }

  function add(place: number): void {
    if (place >= room) grow()
    known[place] = markOf(place)
    chain(place)
    end = place + 1
  }

  function grow(): void {
    room *= 2
    const grown = new Float64Array(room)
    grown.set(known)
    known = grown
    earlier = new Uint32Array(room)
    last = new Uint32Array(room)
    for (let place = 0; place < end; place++) chain(place)
  }

  for (let place = 0; place < count(); place++) add(place)
  return {
    placesOf(resource, from) {
      const mark = toMark(resource)
      const found: number[] = []
      for (let next = last[mark % room] ?? 0; next > from; next = earlier[next - 1] ?? 0) {
        if (known[next - 1] === mark) found.push(next - 1)
      }
      return found.reverse()
    },
    add,
  }
}
