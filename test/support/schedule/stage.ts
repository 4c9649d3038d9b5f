import { createHash } from 'node:crypto'
import { isRefusal, type Refusal } from '../../../src/payment/ledger.js'
import type { Draft, Payment } from '../../../src/payment/payment.js'
import { isUnderWay } from '../../../src/payment/purchase.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import type { Cast } from './cast.js'
import { createCustomer } from './customer.js'
import { createGates, type Gate, SEND, type Stillness } from './gates.js'
import { digestOf } from './memory.js'
import { recover } from './recovery.js'
import { createReferee } from './referee.js'
import { createSeat, type Seat, TOLD, type Watch } from './seat.js'
import { createShop, type Road } from './shop.js'
import type { Store } from './store.js'

/** What is played: who calls, on which ledger, and what may go wrong. */
export type Scene = {
  readonly cast: Cast
  createStore(clock: ManualClock): Store
  /** Whether the reply to a step is a step of its own, as on a ledger whose steps take 8 ms. */
  readonly isSlow: boolean
  readonly crashes: 0 | 1
  readonly lostReplies: 0 | 1
  /** Whether a step that touches nothing of others is taken first, so that its place among theirs isn't tried; see `Stage.moves`. */
  readonly isReduced: boolean
}

/** What may happen next. */
export type Move =
  | { readonly kind: 'go' | 'lose'; readonly client: number; readonly nth: number }
  /** A client looks again and again, until it gives up, before anything else happens. */
  | { readonly kind: 'tire'; readonly client: number }
  | { readonly kind: 'crash'; readonly process: number }

/** One story while it's told. */
export type Stage = {
  /** All that decides how the story can go on. */
  state(): string
  /**
   * What may happen next; nothing once all calls have ended or died.
   *
   * Where a client can take a step that nothing of the others depends on, and that depends on nothing of theirs, only that step is next: it may be
   * taken, its reply be lost, or its process die before it. Whatever else could have come before it comes after it, to the same effect: the seller
   * takes each payment whenever it comes, nobody writes what is read of the register, and a pause or a reply on its way changes what one
   * client knows and nothing else. What is left out are other orders of the same, and no state from which a story goes on or ends differently.
   */
  moves(): readonly Move[]
  take(move: Move): Promise<void>
  /** The step that a move is about. */
  describe(move: Move): string
  findings(): readonly string[]
  /** How each call has ended. */
  endings(): readonly string[]
  /** Starts everything again, as {@link recover} does it, and returns what was broken. */
  recover(): Promise<readonly string[]>
  /** Ends whatever waits. */
  close(): void
}

/** Sets the stage: all calls have begun, and wait to take their first step. */
export async function openStage(scene: Scene): Promise<Stage> {
  const { cast, isSlow, isReduced } = scene
  const { clients, calls } = cast
  const clock = createManualClock()
  const store = scene.createStore(clock)
  const gates = createGates()
  const shop = createShop(cast.isDearer)
  const referee = createReferee(cast)
  const dead = new Set<number>()
  const ended = new Map<number, string>()
  const left = { crashes: scene.crashes as number, lostReplies: scene.lostReplies as number }
  let rows: readonly Payment[] = []

  const numbers = clients.map((_, client) => calls.flatMap((role, call) => (role.client === client ? [call] : [])))
  const isShared = (client: number) => (numbers[client] ?? []).length > 1
  const countLive = (client: number) =>
    dead.has(client) ? 0 : (numbers[client] ?? []).filter((call) => !ended.has(call)).length
  const isOver = () => clients.every((_, client) => countLive(client) === 0)

  const createWatch =
    (client: number): Watch =>
    async (step, given, work) => {
      if (step !== 'reserve') {
        const reply = await work()
        if (step.startsWith('note ') && step !== 'note sent') referee.seeNoted(client)
        return reply
      }
      const before = await store.rows()
      const [draft, reserved] = [given[0] as Draft, (await work()) as Payment | Refusal] // what `reserve` takes and resolves to
      if (!isRefusal(reserved)) referee.seeReserved(client, draft, reserved, before)
      return reserved
    }

  const createRoad = (client: number, { take }: Pick<Seat, 'take'>): Road => ({
    // A call whose client has no other knows nothing that an answer to its unpaid request could come before or after.
    async ask(call) {
      if (isShared(client)) await take(`ask for call ${call}`, () => new Response())
    },
    async carry(request, sell) {
      referee.seeLeaving(client, request, await store.rows())
      const response = await take(SEND, () => {
        referee.seeTaken(request.nonce)
        return sell()
      })
      if (response.status === 402) referee.seeRefused(request)
      else referee.seeBrought(request)
      return response
    },
  })

  const seats = clients.map(({ process }, client): Seat => {
    const ledger = store.handles[process]
    return createSeat({ client, gates, ledger, clock, isSlow, watch: createWatch(client) })
  })
  const customers = clients.map((one, client) => {
    const { ledger, clock: own, take } = seats[client] ?? missing()
    const send = shop.visit(createRoad(client, { take }))
    const onSign = async (nonce: string) => referee.seeSigned(client, nonce, await store.rows())
    return createCustomer(one, { ledger, clock: own, random: createCounter(client + 1), send, onSign })
  })
  for (const [call, role] of calls.entries()) {
    const buying = (customers[role.client] ?? missing()).buy(call, role)
    void buying.then((ending) => {
      if (dead.has(role.client)) return
      referee.seeEnded(call, ending)
      ended.set(call, `${call}: ${ending.status ?? `${ending.code}, ${ending.money}`}`)
    })
  }

  function stillness(): Stillness {
    const live = clients.map((_, client) => ({ waits: gates.of(client).length, live: countLive(client) }))
    if (live.every((one) => one.waits === one.live)) return 'yes'
    return live.every((one, client) => one.waits === one.live || (isShared(client) && one.waits > 0)) ? 'perhaps' : 'no'
  }

  async function settle(): Promise<void> {
    await gates.settle(stillness)
    const before = rows
    rows = await store.rows()
    // Ledgers replace payments and never change them.
    const isSame = rows.length === before.length && rows.every((row, place) => row === before[place])
    if (!isSame) for (const { memory } of seats) memory.notice()
    referee.seeRows(rows)
  }

  /** A look that would find what the last one found. */
  const isVain = ({ client, step }: Gate) => {
    const { isLooking, mayFindOther } = (seats[client] ?? missing()).memory
    return step === 'claim' && isLooking && !mayFindOther
  }

  function crash(process: number): Promise<void> {
    for (const [client, one] of clients.entries()) {
      if (one.process !== process) continue
      dead.add(client)
      gates.close(client)
      referee.seeNoted(client) // the store does it
    }
    return store.crash(process)
  }

  async function tire(client: number): Promise<void> {
    const { memory } = seats[client] ?? missing()
    while (countLive(client) > 0 && memory.isLooking) {
      gates.of(client)[0]?.pass(false)
      await settle()
    }
  }

  const waiting = () =>
    clients.flatMap((_, client) =>
      dead.has(client) ? [] : gates.of(client).map((gate, nth) => ({ gate, client, nth })),
    )
  const isFree = ({ gate, client }: { gate: Gate; client: number }) => !isShared(client) && isLocal(gate)

  await settle()
  return {
    state() {
      const known = clients.map((_, client) => {
        if (dead.has(client)) return 'dead'
        if (countLive(client) === 0) return 'over'
        const { log, isLooking, mayFindOther } = (seats[client] ?? missing()).memory
        return [log, isLooking ? mayFindOther : 'new', ...gates.of(client).map(({ step }) => step)]
      })
      const held = rows.map((row) => [digestOf(row), referee.makerOf(row.id), isHeld(row) && store.holderOf(row.id)])
      const text = JSON.stringify([held, referee.text(), known, left, [...dead]])
      return createHash('sha1').update(text).digest('base64')
    },
    moves() {
      if (isOver()) return []
      const all = waiting()
      const free = isReduced ? all.find(isFree) : undefined
      const some = free === undefined ? all : [free]
      const steps = some.map(
        ({ gate, client, nth }): Move => (isVain(gate) ? { kind: 'tire', client } : { kind: 'go', client, nth }),
      )
      const lost = some.filter(({ gate }) => canBeLost(gate, isSlow) && !isVain(gate))
      const losses = left.lostReplies > 0 ? lost.map(({ client, nth }): Move => ({ kind: 'lose', client, nth })) : []
      const dying = new Set(some.map(({ client }) => clients[client]?.process ?? 0))
      const crashes = left.crashes > 0 ? [...dying].map((process): Move => ({ kind: 'crash', process })) : []
      return [...steps, ...losses, ...crashes]
    },
    async take(move) {
      if (move.kind === 'tire') return tire(move.client)
      if (move.kind === 'crash') {
        left.crashes -= 1
        await crash(move.process)
        // Nothing is passed, so that nobody moves.
      } else {
        if (move.kind === 'lose') left.lostReplies -= 1
        const gate = gates.of(move.client)[move.nth] ?? missing()
        gate.pass(move.kind === 'lose')
      }
      await settle()
    },
    describe(move) {
      if (move.kind === 'crash') return ''
      const step = gates.of(move.client)[move.kind === 'tire' ? 0 : move.nth]?.step ?? ''
      const [name = '', reply] = step.split(TOLD)
      return reply === undefined ? name : `${name}, reply`
    },
    findings: () => referee.findings,
    endings: () => [...ended.values()],
    async recover() {
      for (const process of [0, 1]) await crash(process)
      return recover({ cast, store, clock, shop, referee })
    },
    close() {
      for (const client of clients.keys()) gates.close(client)
    },
  }
}

/** Whether a step touches nothing of others. */
function isLocal({ step }: Gate): boolean {
  return step === 'wait' || step === 'get' || step === SEND || step.includes(TOLD)
}

/** Whether it matters which process has it. */
function isHeld(payment: Payment): boolean {
  return payment.claimed || isUnderWay(payment)
}

function canBeLost({ step }: Gate, isSlow: boolean): boolean {
  return step !== 'wait' && !step.startsWith('ask') && (!isSlow || step.includes(TOLD))
}

function missing(): never {
  throw new Error('there is no such client')
}
