import type { Draft, Payment } from '../../../src/payment/payment.js'
import { amountIn } from '../../../src/payment/payment.js'
import { mayStandInTheWay } from '../../../src/payment/purchase.js'
import { type Cast, MOST_OF_A_NAME, MOST_PAYMENTS, type Role } from './cast.js'
import type { Ending } from './customer.js'
import { type PaidRequest, URL_OF_SHOP } from './shop.js'

/** Sees all that is done, and says which rule it breaks. */
export type Referee = {
  /** What was broken; empty while the promise is kept. Each begins with its rule. */
  readonly findings: readonly string[]
  /** What it goes by, but for what the ledger holds. */
  text(): string
  /** Who reserved a payment. */
  makerOf(id: string): number | undefined
  seeReserved(client: number, draft: Draft, payment: Payment, before: readonly Payment[]): void
  seeSigned(client: number, nonce: string, rows: readonly Payment[]): void
  seeLeaving(client: number, request: PaidRequest, rows: readonly Payment[]): void
  seeTaken(nonce: string): void
  seeBrought(request: PaidRequest): void
  /** A call was answered that something else is asked for. */
  seeRefused(request: PaidRequest): void
  /** What became of a payment was noted, so that others may present it. */
  seeNoted(client: number): void
  seeEnded(call: number, ending: Ending): void
  seeRows(rows: readonly Payment[]): void
}

/** 10^-18 dollars in an atomic unit of USDC. */
const DOLLARS_PER_UNIT = 10n ** 12n

/** Creates a referee who has seen nothing. */
export function createReferee({ clients, calls }: Cast): Referee {
  const findings: string[] = []
  const makers = new Map<string, number>()
  const signed = new Map<string, number>()
  const leftBy = new Map<string, number>()
  const senders = new Map<string, Set<number>>()
  const taken = new Set<string>()
  const brought = new Set<string>()
  const served = new Map<string, Set<number>>()
  const servedCalls = new Set<number>()
  const presenting = new Map<string, number>()
  const givenUp = new Set<string>()
  const refused = new Map<string, Set<number>>()

  const expect = (isSo: boolean, finding: string) => void (isSo || findings.push(finding))
  const roleOf = (call: number): Role => calls[call] ?? { client: -1 }
  const isAlone = (client: number) => calls.filter((one) => one.client === client).length === 1
  const noncesOf = (nonces: ReadonlyMap<string, number>, client: number) =>
    [...nonces].filter(([, other]) => other === client).map(([nonce]) => nonce)
  const spaceOf = ({ client, key, credential }: Role) => JSON.stringify([clients[client]?.name, key, credential])
  /** What a client was told is too little, and pays anew. */
  const mayPayAnew = (client: number, nonce = '') =>
    clients[client]?.prepay === 'pay-new' && refused.get(nonce)?.has(client) === true
  const nameOf = (id: string) => clients[makers.get(id) ?? -1]?.name

  function judgeMoney(call: number, { code, money }: Ending): void {
    const { client } = roleOf(call)
    const own = isAlone(client)
      ? noncesOf(signed, client)
      : noncesOf(leftBy, client).filter((one) => senders.get(one)?.has(call))
    const told = `call ${call} ended with ${code}, ${money}`
    expect(money !== 'untouched' || own.length === 0, `R6: ${told}, though it signed`)
    expect(money !== 'released' || !own.some((nonce) => leftBy.has(nonce)), `R6: ${told}, though its payment left`)
    expect(money !== 'settled' || taken.size > 0, `R6: ${told}, though nothing was taken`)
    if (money === 'released') for (const nonce of own) givenUp.add(nonce)
  }

  return {
    findings,
    makerOf: (id) => makers.get(id),
    text() {
      const sets = [leftBy, taken, brought, presenting, givenUp, served, refused].map((some) => [...some].sort())
      return JSON.stringify(sets, (_name, value) => (value instanceof Set ? [...value].sort() : value))
    },
    seeReserved(client, { call }, { id }, before) {
      makers.set(id, client)
      const isSame = ({ call: other }: Payment) =>
        other.purchase === call.purchase ||
        (!call.isKeyed && !other.isKeyed && call.coarse !== undefined && other.coarse === call.coarse)
      const isInstead = ({ nonce }: Payment) => mayPayAnew(client, nonce)
      const beside = before.filter((row) => isSame(row) && mayStandInTheWay(row) && !isInstead(row))
      expect(beside.length === 0, 'R1: a payment was reserved though another one was in its way')
      const isUnbrought = ({ nonce = '' }: Payment) => taken.has(nonce) && !brought.has(nonce)
      const paid = before.filter((row) => call.isKeyed && isSame(row) && isUnbrought(row) && !isInstead(row))
      expect(paid.length === 0, 'R1: one key is paid for again, though what was paid brought nothing')
    },
    seeSigned(client, nonce, rows) {
      signed.set(nonce, client)
      const made = rows.filter(({ id, state }) => makers.get(id) === client && state === 'reserved')
      expect(made.length > 0, 'R3: the signer was asked for a payment that was not reserved')
      const others = noncesOf(signed, client).filter((other) => other !== nonce)
      const isAllowed = others.every((other) => mayPayAnew(client, other)) && others.length <= 1
      expect(!isAlone(client) || isAllowed, 'R1: one call signed two payments')
    },
    seeLeaving(client, { call, nonce, value, url, method, credential }, rows) {
      const role = roleOf(call)
      leftBy.set(nonce, leftBy.get(nonce) ?? client)
      senders.set(nonce, (senders.get(nonce) ?? new Set()).add(call))
      // What one of them lost may have been brought to somebody else, who presented it again.
      const others = noncesOf(leftBy, client).filter((other) => other !== nonce)
      const isOwn = (other: string) =>
        !mayPayAnew(client, other) &&
        (senders.get(other)?.has(call) === true || !brought.has(other) || served.get(other)?.has(client) === true)
      expect(!others.some(isOwn), 'R1: two payments of one call, or of calls that joined, left')
      expect(!presenting.has(nonce) || presenting.get(nonce) === client, 'R1: two calls present one payment at once')
      presenting.set(nonce, client)
      const maker = calls.find((one) => one.client === leftBy.get(nonce)) ?? role
      expect(spaceOf(maker) === spaceOf(role), "R1: one buyer's payment was presented for another buyer")
      const row = rows.find((one) => one.nonce === nonce)
      expect(row?.state === 'sent' || row?.state === 'settled', 'R2: a payment left before it was written down')
      expect(
        url === URL_OF_SHOP && method === 'GET' && credential === role.credential && role.client === client,
        'R5: the paid request is not the call',
      )
      expect(new URL(url).origin === new URL(URL_OF_SHOP).origin, 'R8: a payment went elsewhere')
      const charged = row === undefined ? undefined : amountIn('usd', row)
      const isCounted = typeof row?.exposure === 'bigint' && row.exposure >= value
      expect(isCounted && (charged ?? 0n) >= value * DOLLARS_PER_UNIT, 'R9: more can be taken than was reserved')
      expect(!givenUp.has(nonce), 'R6: a payment left that its caller was told is released')
    },
    seeTaken: (nonce) => void taken.add(nonce),
    seeBrought({ nonce, call }) {
      brought.add(nonce)
      const { client } = roleOf(call)
      if (!isAlone(client)) served.set(nonce, (served.get(nonce) ?? new Set()).add(client))
      servedCalls.add(call)
    },
    seeRefused: ({ nonce, call }) =>
      void refused.set(nonce, (refused.get(nonce) ?? new Set()).add(roleOf(call).client)),
    seeNoted(client) {
      for (const [nonce, other] of presenting) if (other === client) presenting.delete(nonce)
    },
    seeEnded(call, ending) {
      judgeMoney(call, ending)
      expect(
        !servedCalls.has(call) || ending.status === 200,
        `R7: call ${call} was answered, and ended with ${ending.code}`,
      )
      expect(
        ending.status === undefined || brought.size > 0,
        `R7: call ${call} ended with ${ending.status}, and no one was answered`,
      )
    },
    seeRows(rows) {
      const counted = rows.filter(({ state }) => state !== 'released')
      const nonces = new Set(
        rows.filter(({ state }) => state === 'sent' || state === 'settled').map(({ nonce }) => nonce),
      )
      expect(
        [...leftBy.keys()].every((nonce) => nonces.has(nonce)),
        'R2: a payment left that does not count',
      )
      expect(counted.length <= MOST_PAYMENTS, `R4: ${counted.length} payments count where ${MOST_PAYMENTS} are allowed`)
      expect(taken.size <= MOST_PAYMENTS, `R4: ${taken.size} payments were taken where ${MOST_PAYMENTS} are allowed`)
      const named = counted.filter(({ id }) => nameOf(id) !== undefined)
      expect(
        named.length <= MOST_OF_A_NAME,
        `R4: ${named.length} payments of one name count where ${MOST_OF_A_NAME} is allowed`,
      )
    },
  }
}
