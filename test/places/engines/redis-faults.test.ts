import { cp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, expect, it, vi } from 'vitest'
import { createRedisLedger, type RedisLedger } from '../../../src/ledger/redis/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Warning } from '../../../src/payment/stream.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, DOLLAR, named } from '../../../src/testing/ledger/draft.js'
import { delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { type RedisServer, startRedis } from '../../support/engines/start-redis.js'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function start(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const server = await startRedis(settings)
  endings.push(() => server.stop())
  return server
}

type Handle = { readonly ledger: RedisLedger; readonly warnings: readonly Warning[] }

/**
 * Opens a ledger as a process would, on connections of its own to whatever server has the port then.
 *
 * @param connections - How many it has: they take turns, as those of a pool do.
 */
async function open(
  port: () => number,
  options: Partial<createRedisLedger.Options> = {},
  connections = 1,
): Promise<Handle> {
  const lines = new Map<string, Redis>()
  const warnings: Warning[] = []
  let turn = 0
  const take = () => {
    turn = (turn + 1) % connections
    const name = `${port()} ${turn}`
    const line = lines.get(name) ?? new Redis({ port: port(), host: '127.0.0.1', autoResendUnfulfilledCommands: false })
    if (!lines.has(name)) line.on('error', () => undefined)
    lines.set(name, line)
    return line
  }
  const ledger = await createRedisLedger({
    send: ([name = '', ...args]) => take().call(name, ...args),
    budget: 'shop',
    onWarning: (warning) => warnings.push(warning),
    ...options,
  })
  endings.push(async () => {
    await ledger.close()
    for (const redis of lines.values()) redis.disconnect()
  })
  return { ledger, warnings }
}

/** Pays a dollar for each of these purchases. */
async function pay({ ledger }: Handle, ...purchases: readonly string[]): Promise<void> {
  for (const purchase of purchases) {
    const reserved = await ledger.reserve(createDraft({ call: named(purchase) }), [])
    if (isRefusal(reserved)) throw new Error(`${purchase} was refused.`)
    await ledger.note(reserved.id, sent)
    await ledger.note(reserved.id, delivered)
  }
}

async function expectSpent({ ledger }: Handle, dollars: number): Promise<void> {
  await vi.waitFor(async () => expect((await ledger.spent(createCap(99))).held).toBe(BigInt(dollars) * DOLLAR), {
    timeout: 30_000,
    interval: 100,
  })
}

it('createRedisLedger: waits for a Redis that was killed and starts again, and counts all that was paid', async () => {
  const server = await start()
  const first = await open(() => server.port)
  const second = await open(() => server.port)
  await pay(first, 'a', 'b')
  await server.kill('SIGKILL')
  const waiting = second.ledger.reserve(createDraft(), [createCap(2)])
  await server.start()
  expect(await waiting).toMatchObject({ by: 'cap', held: 2n * DOLLAR })
  await pay(second, 'c')
  await expectSpent(first, 3)
  expect([...first.warnings, ...second.warnings]).toEqual([])
})

it('error: LEDGER_UNAVAILABLE when Redis is held still, for every call; and nothing that never left counts later', async () => {
  const server = await start()
  const handle = await open(() => server.port, { patienceSeconds: 1 })
  const other = await open(() => server.port)
  const { ledger } = handle
  await pay(handle, 'a')
  const reserved = await ledger.reserve(createDraft({ call: named('b') }), [])
  const earlier = await ledger.reserve(createDraft({ call: named('c') }), [])
  if (isRefusal(reserved) || isRefusal(earlier)) throw new Error('Neither is refused.')
  await ledger.note(earlier.id, sent)
  await ledger.note(earlier.id, lost)
  server.pause()
  const steps = [
    ledger.reserve(createDraft({ call: named('d') }), []),
    ledger.note(reserved.id, sent),
    ledger.claim(createClaimant(named('c'))),
    ledger.spent(createCap(9)),
    ledger.get('kind', 'key'),
  ]
  const ended = await Promise.allSettled(steps)
  server.goOn()
  const reasons = ended.map((one) => one.status === 'rejected' && one.reason)
  expect(reasons.map(({ code }) => code)).toEqual(steps.map(() => 'LEDGER_UNAVAILABLE'))
  expect(reasons.map(({ money }) => money)).toEqual(['untouched', 'signed', 'untouched', 'untouched', 'untouched'])
  await expectSpent(other, 2)
  expect(await other.ledger.claim(createClaimant(named('c')))).toMatchObject({ is: 'yours' })
})

/** Ways in which a Redis forgets its end. */
const LOSSES: Readonly<Record<string, (server: RedisServer, work: () => Promise<void>) => Promise<void>>> = {
  'the power fails within a second': async (server, work) => {
    const folder = join(server.folder, 'appendonlydir')
    const [log = ''] = (await readdir(folder)).filter((file) => file.includes('incr'))
    const { size } = await stat(join(folder, log))
    await work()
    await server.kill('SIGKILL')
    await truncate(join(folder, log), size + 7)
    await server.start()
  },
  'an older copy of its files takes their place': async (server, work) => {
    const folder = join(server.folder, 'appendonlydir')
    await cp(folder, join(server.folder, 'copy'), { recursive: true })
    await work()
    await server.kill('SIGTERM')
    await rm(folder, { recursive: true })
    await cp(join(server.folder, 'copy'), folder, { recursive: true })
    await server.start()
  },
}

for (const [how, lose] of Object.entries(LOSSES)) {
  it(`createRedisLedger: puts back what living processes sent, when ${how}`, async () => {
    const server = await start({ appendfsync: 'everysec' })
    const first = await open(() => server.port, { durable: 'best-effort' })
    const second = await open(() => server.port, { durable: 'best-effort' })
    await pay(first, 'a')
    await lose(server, async () => {
      await pay(first, 'b', 'c')
      await pay(second, 'd')
    })
    expect(await second.ledger.reserve(createDraft(), [createCap(4)])).toMatchObject({ by: 'cap', held: 4n * DOLLAR })
    await expectSpent(first, 4)
    const back = [...first.warnings, ...second.warnings].filter(({ code }) => code === 'LEDGER_ROLLED_BACK')
    expect(back.map(({ message }) => /put back (\d+)/.exec(message)?.[1]).sort()).toEqual(['1', '2'])
  })
}

it('createRedisLedger: puts back what living processes sent, and says so, when all keys are deleted', async () => {
  const server = await start()
  const first = await open(() => server.port)
  const second = await open(() => server.port)
  await pay(first, 'a', 'b')
  await pay(second, 'c')
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  await redis.flushall()
  redis.disconnect()
  const third = await open(() => server.port)
  expect(await second.ledger.reserve(createDraft(), [createCap(3)])).toMatchObject({ by: 'cap', held: 3n * DOLLAR })
  await expectSpent(third, 3)
  const codes = [first, second, third].map(({ warnings }) => warnings.map(({ code }) => code))
  expect(codes).toEqual([['LEDGER_ROLLED_BACK'], ['LEDGER_ROLLED_BACK'], ['LEDGER_ROLLED_BACK']])
})

it('createRedisLedger: puts back a payment as it was last, and leaves alone what others wrote since', async () => {
  const server = await start()
  const first = await open(() => server.port)
  const second = await open(() => server.port)
  const reserved = await first.ledger.reserve(createDraft({ call: named('a') }), [])
  if (isRefusal(reserved)) throw new Error('It is not refused.')
  await first.ledger.note(reserved.id, sent)
  await first.ledger.note(reserved.id, lost)
  const claim = await second.ledger.claim(createClaimant(named('a')))
  expect(claim).toMatchObject({ is: 'yours' })
  await second.ledger.note(reserved.id, { type: 'sent' })
  await second.ledger.note(reserved.id, delivered)
  await server.kill('SIGKILL')
  await server.start()
  await expectSpent(second, 1)
  await expectSpent(first, 1)
  for await (const payment of first.ledger.list({}))
    expect(payment).toMatchObject({ id: reserved.id, delivery: 'delivered' })
  await pay(first, 'b')
})

it('createRedisLedger: sends nothing that too few replicas have, and counts all that was sent once one takes over', async () => {
  const primary = await start({ 'repl-diskless-sync-delay': '0' })
  const replica = await start({ 'repl-diskless-sync-delay': '0' })
  const admin = new Redis({ port: replica.port, host: '127.0.0.1' })
  endings.push(async () => admin.disconnect())
  await admin.replicaof('127.0.0.1', primary.port)
  await vi.waitFor(async () => expect(await admin.info('replication')).toContain('master_link_status:up'), {
    timeout: 30_000,
  })
  let port = primary.port
  const durable = { replicas: 1 }
  // On a connection that wrote nothing, `WAIT` says that all have what it wrote.
  const handle = await open(() => port, { durable, patienceSeconds: 2 }, 2)
  await pay(handle, 'a', 'b')
  replica.pause()
  const reserved = await handle.ledger.reserve(createDraft({ call: named('c') }), [])
  if (isRefusal(reserved)) throw new Error('It is not refused.')
  await expect(handle.ledger.note(reserved.id, sent)).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    money: 'signed',
  })
  replica.goOn()
  await expectSpent(handle, 2)
  await pay(handle, 'd')
  await primary.kill('SIGKILL')
  await admin.replicaof('NO', 'ONE')
  port = replica.port
  await expectSpent(handle, 3)
  await expect(handle.ledger.reserve(createDraft(), [])).rejects.toMatchObject({ code: 'LEDGER_NOT_DURABLE' })
  await primary.start()
  const before = new Redis({ port: primary.port, host: '127.0.0.1' })
  endings.push(async () => before.disconnect())
  await before.replicaof('127.0.0.1', replica.port)
  await vi.waitFor(() => pay(handle, 'e'), { timeout: 30_000, interval: 500 })
  await expectSpent(handle, 4)
})
