import type { PaymentEvent } from '../../../payment/event.js'
import { type Filter, isRefusal, type Value } from '../../../payment/ledger.js'
import { type Draft, openPayment, type Payment } from '../../../payment/payment.js'
import type { Asker, Claimant } from '../../../payment/purchase.js'
import type { JsonObject } from '../../../wire/json.js'
import { type Fields, optional } from '../../../wire/read-fields.js'
import { SIGNED_BELOW } from '../../codec/line.js'
import { createLineReader, type LineReader } from '../../codec/line-reader.js'
import { readPresentation } from '../../codec/presentation.js'
import { readWhole, writeWhole } from '../../codec/whole-payment.js'
import type { Caller, Engine } from '../engine.js'
import { asker, cap, caps, claimant, filter, flag, readCap, text, token, value, type WrittenCap } from './fields.js'
import { read, type Shown, writeClaimed, writeRefusal, writeShown } from './replies.js'

/** Who asks for a step, and whether it may have been done before. */
export type Requester = Omit<Caller, 'token'>

/** Carries out what one process asks for, and returns what it is told; throws for what isn't a request. */
export type Requests = (request: JsonObject, requester: Requester) => Promise<object>

/** Most payments of a page, and how many characters of them end it. */
const PAGE = 500
const PAGE_CHARACTERS = 256 * 1024

/**
 * Creates the reader of what one process asks for.
 *
 * @param engine - The file.
 */
export function createRequests(engine: Engine): Requests {
  const readLine = createLineReader()
  return async (request, requester) => {
    switch (request['do']) {
      case 'reserve':
        return reserve(engine, readLine, read(request, RESERVE), requester)
      case 'note':
        return note(engine, readLine, read(request, NOTE), requester)
      case 'claim': {
        const { claimant, token } = read(request, CLAIM)
        return writeClaimed(await engine.claim(claimant, { ...requester, token }))
      }
      case 'list':
        return list(engine, read(request, LIST).filter)
      case 'spent': {
        const { held, spent, count } = engine.spent(readCap(read(request, SPENT).cap))
        return { held: String(held), spent: String(spent), count }
      }
      case 'get': {
        const { kind, key } = read(request, GET)
        return { value: engine.get(kind, key) }
      }
      case 'put': {
        const { kind, key, value, expected, token } = read(request, PUT)
        return { isPut: await engine.put(kind, key, value, expected, { ...requester, token }) }
      }
      case 'undo': {
        const { id, isFirst = false, token = '' } = read(request, UNDO)
        await engine.undo(requester.owner, id === undefined ? { token } : { id, isFirst })
        return {}
      }
      case 'compact':
        await engine.compact()
        return {}
      case 'leave':
        await engine.leave(requester.owner)
        return {}
      default:
        throw new TypeError('an unknown request')
    }
  }
}

type Reserve = {
  readonly draft: string
  readonly by: Asker
  readonly isPinned: boolean
  readonly caps: readonly WrittenCap[]
  readonly token: string
}

type Put = {
  readonly kind: string
  readonly key: string
  readonly value: Value | undefined
  readonly expected: Value | undefined
  readonly token: string
}

const RESERVE: Fields<Reserve> = { draft: text, by: asker, isPinned: flag, caps, token }
const NOTE: Fields<{ readonly line: string }> = { line: text }
const CLAIM: Fields<{ readonly claimant: Claimant; readonly token: string }> = { claimant, token }
const LIST: Fields<{ readonly filter: Filter }> = { filter }
const SPENT: Fields<{ readonly cap: WrittenCap }> = { cap }
const GET: Fields<{ readonly kind: string; readonly key: string }> = { kind: text, key: text }
const PUT: Fields<Put> = { kind: text, key: text, value, expected: value, token }
const UNDO: Fields<{
  readonly id?: string | undefined
  readonly isFirst?: boolean | undefined
  readonly token?: string | undefined
}> = {
  id: optional(text),
  isFirst: optional(flag),
  token: optional(token),
}

async function reserve(engine: Engine, readLine: LineReader, request: Reserve, requester: Requester): Promise<object> {
  const draft = readWhole(request.draft, readLine)
  if ('problem' in draft) throw new TypeError(draft.problem)
  const all = request.caps.map(readCap)
  const reserved = await engine.reserve(toDraft(draft.value, request), all, { ...requester, token: request.token })
  return isRefusal(reserved) ? { refusal: writeRefusal(reserved, all) } : { payment: writeShown(reserved) }
}

function toDraft(payment: Payment, { by, isPinned }: Pick<Draft, 'by' | 'isPinned'>): Draft {
  const { call, terms, notation, payer, exposure, charges, approval } = payment
  return { call, terms, notation, payer, exposure, charges, ...(approval !== undefined && { approval }), by, isPinned }
}

/** Writes a draft: as the payment that it would be. */
export function writeDraft(draft: Draft): string {
  return writeWhole(openPayment(draft, 'draft-0', 0))
}

async function note(
  engine: Engine,
  readLine: LineReader,
  { line }: { line: string },
  requester: Requester,
): Promise<object> {
  const [own = '', signed] = line.split(SIGNED_BELOW)
  const found = readLine(own)
  if ('problem' in found || found.value.is !== 'event') throw new TypeError('no event')
  const { id, event } = found.value
  // An event needs no token: told twice, it has one effect.
  return { payment: writeShown(await engine.note(id, withSigned(event, signed), { ...requester, token: '' })) }
}

function withSigned(event: PaymentEvent, signed: string | undefined): PaymentEvent {
  if (signed === undefined || event.type !== 'sent') return event
  const presentation = readPresentation(signed)
  if ('problem' in presentation) throw new TypeError(presentation.problem)
  return { ...event, presentation: presentation.value }
}

function list(engine: Engine, filter: Filter): object {
  const payments: Shown[] = []
  let characters = 0
  for (const payment of engine.list(filter)) {
    if (payments.length === PAGE || characters > PAGE_CHARACTERS) return { payments, isMore: true }
    const shown = writeShown(payment)
    payments.push(shown)
    characters += shown.text.length
  }
  return { payments, isMore: false }
}
