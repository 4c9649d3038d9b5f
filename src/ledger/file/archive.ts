// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import type { Delivery, Payment } from '../../payment/payment.js'
import type { Archive, Listable } from '../book/places.js'
import { resourceOf, toMark } from '../book/resources.js'
import { createDealPool, type Deal } from '../codec/deals.js'
import {
  type Bytes,
  type Cursor,
  makeRoom,
  mostBytesOf,
  readNatural,
  readText,
  trim,
  writeNatural,
  writeText,
} from './packed-text.js'

/** Payments that are over and stay as they are: those that are most likely asked about. */
const KEEP = 1000

/** Payments whose bytes are together. */
const CHUNK = 1024

/** Texts that are looked for among those before; a shop has few resources. */
const MAX_SHARED = 4096

/** What a payment usually takes. */
const USUAL_BYTES = 128

/** Bytes of a payment beside its texts, at most. */
const FIXED_BYTES = 64

const DELIVERIES: readonly Delivery[] = ['none', 'delivered', 'answered', 'lost']

/** What a payment has, in bits. */
const HAS_NONCE = 1
const HAS_TRANSACTION = 2
const HAS_SAID = 4
const HAS_CANCELLATION = 8
const HAS_CHARGED = 16
const HAS_END = 32
const HAS_STATUS = 64
/** Most payments have the coarse name that is the exact one. */
const IS_NAMED_ONCE = 128
const HAS_COARSE = 256
const HAS_OTHER_ID = 512
const HAS_ASKED = 1024

/** How a payment stands, in bits: two for the delivery, then these. */
const IS_SETTLED = 4
const IS_FORGOTTEN = 8

type Chunk = {
  readonly seconds: Float64Array
  readonly standings: Uint8Array
  readonly starts: Uint32Array
  readonly deals: (Deal | undefined)[]
  readonly bytes: Bytes
  /** How many of its payments aren't here yet. */
  left: number
}

/**
 * Creates the archive of a ledger in a file: payments that are over, in about 150 bytes each, from which each can be told whole.
 *
 * What many have in common is there once. All else is written as bytes, which the collector of garbage needn't look at.
 *
 * @param keep - How many that are over stay whole; few, since every one can be told.
 */
export function createPackedArchive(keep = KEEP): Archive {
  const chunks: (Chunk | undefined)[] = []
  const resources = createTexts()
  const prefixes = createTexts()
  const shareDeal = createDealPool()
  /** Few payments have any. */
  const allowances = new Map<number, Payment['allowances']>()
  /** Few were approved at a desk. */
  const approvals = new Map<number, Payment['approval']>()

  function chunkOf(place: number): Chunk {
    const number = Math.floor(place / CHUNK)
    const chunk = chunks[number] ?? createChunk()
    chunks[number] = chunk
    return chunk
  }

  function write(bytes: Bytes, place: number, payment: Payment): void {
    const { id, call, nonce, transaction, sellerSaid, cancellation, charged, validUntilSeconds, status } = payment
    const { purchase, coarse, resource } = call
    const hasOtherId = !id.endsWith(`-${place}`)
    const prefix = hasOtherId ? id : id.slice(0, id.lastIndexOf('-'))
    const other = coarse === purchase ? undefined : coarse
    const own = [purchase, other, nonce, transaction, sellerSaid, cancellation, charged?.toString(), call.asked]
    makeRoom(bytes, mostBytesOf([prefix, resource, ...own]) + FIXED_BYTES)
    writeNatural(bytes, toBits(payment) + (hasOtherId ? HAS_OTHER_ID : 0))
    prefixes.write(bytes, prefix)
    resources.write(bytes, resource)
    for (const text of own) if (text !== undefined) writeText(bytes, text)
    if (validUntilSeconds !== undefined) bytes.used = bytes.buffer.writeDoubleLE(validUntilSeconds, bytes.used)
    if (status !== undefined) bytes.used = bytes.buffer.writeDoubleLE(status, bytes.used)
  }

  function readPayment(place: number, chunk: Chunk, deal: Deal): Payment {
    const at = place % CHUNK
    const cursor: Cursor = { buffer: chunk.bytes.buffer, at: chunk.starts[at] ?? 0 }
    const bits = readNatural(cursor)
    const standing = chunk.standings[at] ?? 0
    // In the order in which it was written.
    const prefix = prefixes.read(cursor)
    const resource = resources.read(cursor)
    const purchase = readText(cursor)
    const other = readIf(bits & HAS_COARSE, readText, cursor)
    const nonce = readIf(bits & HAS_NONCE, readText, cursor)
    const transaction = readIf(bits & HAS_TRANSACTION, readText, cursor)
    const sellerSaid = readIf(bits & HAS_SAID, readText, cursor)
    const cancellation = readIf(bits & HAS_CANCELLATION, readText, cursor)
    const charged = readIf(bits & HAS_CHARGED, readText, cursor)
    const asked = readIf(bits & HAS_ASKED, readText, cursor)
    const validUntilSeconds = readIf(bits & HAS_END, readDouble, cursor)
    const status = readIf(bits & HAS_STATUS, readDouble, cursor)
    const coarse = bits & IS_NAMED_ONCE ? purchase : other
    const approval = approvals.get(place)
    return {
      id: bits & HAS_OTHER_ID ? prefix : `${prefix}-${place}`,
      atSeconds: chunk.seconds[at] ?? 0,
      state: toState(standing),
      delivery: toDelivery(standing),
      claimed: false,
      presentation: undefined,
      validUntilSeconds,
      nonce,
      allowances: allowances.get(place),
      status,
      sellerSaid,
      forgotten: (standing & IS_FORGOTTEN) !== 0,
      transaction,
      charged: charged === undefined ? undefined : BigInt(charged),
      cancellation,
      ...(approval !== undefined && { approval }),
      ...deal, // late, as CONTRIBUTING.md says
      call: { purchase, coarse, resource, asked, ...deal.call },
    }
  }

  function toListable(place: number): Listable | undefined {
    const chunk = chunks[Math.floor(place / CHUNK)]
    const at = place % CHUNK
    const deal = chunk?.deals[at]
    if (chunk === undefined || deal === undefined) return undefined
    const { call, terms, charges } = deal
    const standing = chunk.standings[at] ?? 0
    const [state, delivery] = [toState(standing), toDelivery(standing)]
    return { atSeconds: chunk.seconds[at] ?? 0, state, delivery, call, terms, charges }
  }

  return {
    keep,
    put(place, payment) {
      const chunk = chunkOf(place)
      const at = place % CHUNK
      const start = chunk.bytes.used
      write(chunk.bytes, place, payment)
      chunk.starts[at] = start
      chunk.seconds[at] = payment.atSeconds
      chunk.standings[at] = toStandingBits(payment)
      chunk.deals[at] = shareDeal(payment)
      if (payment.allowances !== undefined) allowances.set(place, payment.allowances)
      if (payment.approval !== undefined) approvals.set(place, payment.approval)
      chunk.left -= 1
      if (chunk.left === 0) trim(chunk.bytes)
    },
    count: toListable,
    atSeconds: (place) => chunks[Math.floor(place / CHUNK)]?.seconds[place % CHUNK] ?? 0,
    markOf(place) {
      const chunk = chunks[Math.floor(place / CHUNK)]
      const deal = chunk?.deals[place % CHUNK]
      // Read only when the first limit asks for a resource.
      return chunk && deal ? toMark(resourceOf(readPayment(place, chunk, deal).call)) : 0
    },
    read(place, isWanted) {
      const listable = toListable(place)
      const chunk = chunks[Math.floor(place / CHUNK)]
      const deal = chunk?.deals[place % CHUNK]
      const isThere = chunk !== undefined && deal !== undefined && listable !== undefined
      return isThere && isWanted(listable) ? readPayment(place, chunk, deal) : undefined
    },
  }
}

function createChunk(): Chunk {
  return {
    seconds: new Float64Array(CHUNK),
    standings: new Uint8Array(CHUNK),
    starts: new Uint32Array(CHUNK),
    deals: [],
    bytes: { buffer: Buffer.allocUnsafeSlow(CHUNK * USUAL_BYTES), used: 0 },
    left: CHUNK,
  }
}

function toBits(payment: Payment): number {
  const { call, nonce, transaction, sellerSaid, cancellation, charged, validUntilSeconds, status } = payment
  return (
    (nonce === undefined ? 0 : HAS_NONCE) |
    (transaction === undefined ? 0 : HAS_TRANSACTION) |
    (sellerSaid === undefined ? 0 : HAS_SAID) |
    (cancellation === undefined ? 0 : HAS_CANCELLATION) |
    (charged === undefined ? 0 : HAS_CHARGED) |
    (validUntilSeconds === undefined ? 0 : HAS_END) |
    (status === undefined ? 0 : HAS_STATUS) |
    (call.asked === undefined ? 0 : HAS_ASKED) |
    toNameBits(call)
  )
}

function toNameBits({ purchase, coarse }: Payment['call']): number {
  if (coarse === undefined) return 0
  return coarse === purchase ? IS_NAMED_ONCE : HAS_COARSE
}

/** What is over was settled or released. */
function toStandingBits({ state, delivery, forgotten }: Payment): number {
  const bits = DELIVERIES.indexOf(delivery) + (state === 'settled' ? IS_SETTLED : 0)
  return bits + (forgotten ? IS_FORGOTTEN : 0)
}

function toState(bits: number): Payment['state'] {
  return bits & IS_SETTLED ? 'settled' : 'released'
}

function toDelivery(bits: number): Delivery {
  return DELIVERIES[bits % IS_SETTLED] ?? 'none'
}

function readIf<T>(isThere: number, read: (cursor: Cursor) => T, cursor: Cursor): T | undefined {
  return isThere === 0 ? undefined : read(cursor)
}

function readDouble(cursor: Cursor): number {
  cursor.at += Float64Array.BYTES_PER_ELEMENT
  return cursor.buffer.readDoubleLE(cursor.at - Float64Array.BYTES_PER_ELEMENT)
}

/** Texts of which there are few: each is written as a number. Where there are too many, as it is. */
function createTexts() {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  return {
    write(bytes: Bytes, text: string): void {
      const known = numbers.get(text)
      if (known === undefined && texts.length >= MAX_SHARED) {
        writeNatural(bytes, 0)
        writeText(bytes, text)
      } else {
        const number = known ?? texts.push(text)
        numbers.set(text, number)
        writeNatural(bytes, number)
      }
    },
    read(cursor: Cursor): string {
      const number = readNatural(cursor)
      return number === 0 ? readText(cursor) : (texts[number - 1] ?? '')
    },
  }
}
