import type { Charge, Payment, Unit } from '../../payment/payment.js'
import { isAddressLabel } from '../../payment/purchase-name.js'
import type { Archive } from './places.js'
import { resourceOf, toMark } from './resources.js'
import type { Counted } from './window.js'

/** What payments that are counted alike have in common. */
type Kind = Pick<Counted, 'call' | 'terms'> & { readonly units: readonly Unit[] }

/** Payments whose columns are made at once. */
const CHUNK = 1024

/** One bit of an amount's words is its sign. */
const WORD_BITS = 64

type Chunk = {
  readonly seconds: Float64Array
  /** Of resources, which are as many as payments. */
  readonly marks: Float64Array
  /** Numbers of kinds, from 1; 0 for what counts nothing. */
  readonly kinds: Uint32Array
  /** How many words an amount has, and where the first begins. */
  readonly widths: Uint8Array
  readonly starts: Uint32Array
  words: BigUint64Array
  used: number
}

/**
 * Creates the archive of a ledger in memory: it drops payments, and keeps of each only what it counts, in 24 bytes and 8 more for each charge.
 *
 * Any cap that is asked about later counts them as if they were there. Of a released payment nothing counts, and nothing is kept but its time.
 *
 * @param keep - See {@link Archive.keep}.
 */
export function createTraces(keep: number): Archive {
  const chunks: (Chunk | undefined)[] = []
  const kinds: Kind[] = []
  const numbers = new Map<string, number>()
  /** The tags of payments of which one is hardly shared. */
  const rare = new Map<number, readonly string[]>()

  function toKind({ call, terms, charges }: Payment): number {
    const tags = call.tags.filter((tag) => !isAddressLabel(tag))
    const key = JSON.stringify([call.host, terms.payTo, tags, charges.map(({ unit }) => unit)])
    const known = numbers.get(key)
    if (known !== undefined) return known
    kinds.push({
      call: { host: call.host, tags },
      terms: { payTo: terms.payTo },
      units: charges.map(({ unit }) => unit),
    })
    numbers.set(key, kinds.length)
    return kinds.length
  }

  function chunkOf(place: number): Chunk {
    const number = Math.floor(place / CHUNK)
    const chunk = chunks[number] ?? createChunk()
    chunks[number] = chunk
    return chunk
  }

  return {
    keep,
    put(place, payment) {
      const chunk = chunkOf(place)
      const at = place % CHUNK
      chunk.seconds[at] = payment.atSeconds
      if (payment.state === 'released') return
      chunk.kinds[at] = toKind(payment)
      chunk.marks[at] = toMark(resourceOf(payment.call))
      if (payment.call.tags.some(isAddressLabel)) rare.set(place, [...payment.call.tags])
      writeAmounts(chunk, at, payment.charges)
    },
    count(place) {
      const chunk = chunks[Math.floor(place / CHUNK)]
      const at = place % CHUNK
      const kind = kinds[(chunk?.kinds[at] ?? 0) - 1]
      const tags = rare.get(place)
      const own = tags && kind && { ...kind, call: { ...kind.call, tags } }
      return chunk && kind && toCounted(chunk, at, own ?? kind)
    },
    atSeconds: (place) => chunks[Math.floor(place / CHUNK)]?.seconds[place % CHUNK] ?? 0,
    markOf: (place) => chunks[Math.floor(place / CHUNK)]?.marks[place % CHUNK] ?? 0,
  }
}

function createChunk(): Chunk {
  return {
    seconds: new Float64Array(CHUNK),
    marks: new Float64Array(CHUNK),
    kinds: new Uint32Array(CHUNK),
    widths: new Uint8Array(CHUNK),
    starts: new Uint32Array(CHUNK),
    words: new BigUint64Array(0),
    used: 0,
  }
}

/** Amounts are read only where they are counted. */
function toCounted(chunk: Chunk, at: number, { call, terms, units }: Kind): Counted {
  return {
    atSeconds: chunk.seconds[at] ?? 0,
    state: 'settled',
    call,
    terms,
    get charges() {
      return units.map((unit, index) => ({ unit, amount: readAmount(chunk, at, index) }))
    },
  }
}

/** All amounts of a payment have as many words as its largest needs: one, up to nine dollars. */
function writeAmounts(chunk: Chunk, at: number, charges: readonly Charge[]): void {
  const width = charges.reduce((most, { amount }) => Math.max(most, widthOf(amount)), 1)
  const end = chunk.used + width * charges.length
  if (end > chunk.words.length) {
    // What the whole chunk needs, if its other payments are like this one.
    const grown = new BigUint64Array(
      Math.max(end, width * charges.length * CHUNK, Math.ceil(chunk.words.length * 1.25)),
    )
    grown.set(chunk.words)
    chunk.words = grown
  }
  chunk.widths[at] = width
  chunk.starts[at] = chunk.used
  for (const { amount } of charges) {
    for (let word = 0; word < width; word++) {
      chunk.words[chunk.used++] = BigInt.asUintN(WORD_BITS, amount >> BigInt(WORD_BITS * word))
    }
  }
}

function readAmount({ words, widths, starts }: Chunk, at: number, index: number): bigint {
  const width = widths[at] ?? 0
  const start = (starts[at] ?? 0) + index * width
  let amount = 0n
  for (let word = width - 1; word >= 0; word--) amount = (amount << BigInt(WORD_BITS)) | (words[start + word] ?? 0n)
  return BigInt.asIntN(WORD_BITS * width, amount)
}

function widthOf(amount: bigint): number {
  let width = 1
  while (BigInt.asIntN(WORD_BITS * width, amount) !== amount) width += 1
  return width
}
