import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { createRedisLedger } from '../../../src/ledger/redis/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Warning } from '../../../src/payment/stream.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { sent } from '../../../src/testing/ledger/events.js'
import { type RedisServer, startRedis } from '../../support/engines/start-redis.js'
import { connectAs, useRedis } from '../../support/engines/use-redis.js'

let server: RedisServer
let redis: Redis
useRedis({}, (used) => {
  server = used.server
  redis = used.redis
})

type Options = Partial<createRedisLedger.Options>

/** Opens a ledger and closes it; resolves to its warnings. */
async function open(options: Options = {}, through = redis): Promise<readonly Warning[]> {
  const warnings: Warning[] = []
  const ledger = await createRedisLedger({
    send: ([name = '', ...args]) => through.call(name, ...args),
    budget: 'shop',
    onWarning: (warning) => warnings.push(warning),
    ...options,
  })
  expect(ledger.guarantee).toBe('fleet')
  await ledger.close()
  return warnings
}

/** Changes a setting as long as a step takes. */
async function withSetting<T>(name: string, value: string, step: () => Promise<T>): Promise<T> {
  const [, before = ''] = (await redis.config('GET', name)) as string[]
  await redis.config('SET', name, value)
  try {
    return await step()
  } finally {
    await redis.config('SET', name, before)
  }
}

it('createRedisLedger: opens without a warning where each write is on the disk before it is acknowledged', async () => {
  expect(await open()).toEqual([])
})

for (const [name, value, message, hint] of [
  ['appendonly', 'no', '`appendonly` is `no`', 'Set `appendonly yes`'],
  ['appendfsync', 'everysec', '`appendfsync` is `everysec`', 'Set `appendfsync always`'],
  ['appendfsync', 'no', '`appendfsync` is `no`', 'Set `appendfsync always`'],
  ['maxmemory-policy', 'allkeys-lru', '`maxmemory-policy` is `allkeys-lru`', 'Set `maxmemory-policy noeviction`'],
] as const) {
  it(`error: LEDGER_NOT_DURABLE when ${name} is ${value}, with the setting to change`, async () => {
    await withSetting(name, value, async () => {
      await expect(open()).rejects.toMatchObject({ code: 'LEDGER_NOT_DURABLE', money: 'untouched' })
      await expect(open()).rejects.toThrow(message)
      await expect(open()).rejects.toThrow(hint)
      const [first, second] = await open({ durable: 'best-effort' })
      expect(first).toMatchObject({ code: 'LEDGER_MAY_FORGET', message: expect.stringContaining('best-effort') })
      const isAsked = name === 'maxmemory-policy'
      expect(second?.message.includes(message)).toBe(isAsked ? true : undefined)
    })
  })
}

it('error: LEDGER_NOT_DURABLE when fewer replicas are connected than asked for', async () => {
  await expect(open({ durable: { replicas: 1 } })).rejects.toMatchObject({
    code: 'LEDGER_NOT_DURABLE',
    message: expect.stringContaining('0 replicas'),
  })
})

it('error: LEDGER_NOT_DURABLE when CONFIG is forbidden, and `assume` opens', async () => {
  await redis.call('ACL', 'SETUSER', 'shop', 'on', '>secret', '~pay402:{shop}:*', '+@all', '-config')
  const user = connectAs('shop', server)
  try {
    await expect(open({}, user)).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message: expect.stringContaining("`assume: 'fsync'`"),
    })
    expect(await open({ assume: 'fsync' }, user)).toEqual([])
    expect(await open({ durable: 'best-effort' }, user)).toMatchObject([{ code: 'LEDGER_MAY_FORGET' }, {}])
  } finally {
    user.disconnect()
  }
})

it('createRedisLedger: needs no other commands than those that the guide lets a user have', async () => {
  const rights = '+@read +@write +@scripting +@connection +time +info +config|get +wait'
  await redis.call('ACL', 'SETUSER', 'least', 'on', '>secret', '~pay402:{shop}:*', '-@all', ...rights.split(' '))
  const user = connectAs('least', server)
  expect(await open({}, user)).toEqual([])
  user.disconnect()
})

it('error: LEDGER_NOT_DURABLE when scripts may not read INFO, and `assume` opens with a warning', async () => {
  await redis.call('ACL', 'SETUSER', 'blind', 'on', '>secret', '~pay402:{shop}:*', '+@all', '-info')
  const user = connectAs('blind', server)
  try {
    await expect(open({}, user)).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message: expect.stringContaining('`INFO`'),
    })
    const warned = [{ code: 'LEDGER_MAY_FORGET', message: expect.stringContaining('`INFO`') }]
    expect(await open({ assume: 'fsync' }, user)).toMatchObject(warned)
    expect(await open({ durable: 'best-effort' }, user)).toMatchObject([...warned, {}])
  } finally {
    user.disconnect()
  }
})

it('error: LEDGER_UNAVAILABLE when the password is wrong, at once', async () => {
  const send = async () => {
    throw new Error('WRONGPASS invalid username-password pair or user is disabled.')
  }
  const error = { code: 'LEDGER_UNAVAILABLE', money: 'untouched', message: expect.stringContaining('WRONGPASS') }
  await expect(open({ send })).rejects.toMatchObject(error)
})

it('error: LEDGER_UNAVAILABLE when the user may not run the script, in the words of Redis', async () => {
  await redis.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '~pay402:{shop}:*', '+@all', '-evalsha')
  const user = connectAs('reader', server)
  try {
    const error = { code: 'LEDGER_UNAVAILABLE', message: expect.stringContaining('NOPERM') }
    await expect(open({}, user)).rejects.toMatchObject(error)
  } finally {
    user.disconnect()
  }
})

it('error: LEDGER_UNAVAILABLE when it is a replica, with what to connect to', async () => {
  const replica = await startRedis({ replicaof: `127.0.0.1 ${server.port}` })
  const through = new Redis({ port: replica.port, host: '127.0.0.1' })
  try {
    const error = { code: 'LEDGER_UNAVAILABLE', message: expect.stringContaining('connect to the primary') }
    await expect(open({ patienceSeconds: 0.2, durable: 'best-effort' }, through)).rejects.toMatchObject(error)
  } finally {
    through.disconnect()
    await replica.stop()
  }
})

it('error: LEDGER_UNAVAILABLE when nothing ever replied, with where to look', async () => {
  const nowhere = new Redis({ port: 1, host: '127.0.0.1' })
  nowhere.on('error', () => undefined)
  try {
    const error = { code: 'LEDGER_UNAVAILABLE', message: expect.stringContaining('`error` event') }
    await expect(open({ patienceSeconds: 0.2 }, nowhere)).rejects.toMatchObject(error)
  } finally {
    nowhere.disconnect()
  }
})

it('error: LEDGER_UNAVAILABLE after it was closed, with the hint to open another one', async () => {
  const ledger = await createRedisLedger({
    send: ([name = '', ...args]) => redis.call(name, ...args),
    budget: 'shop',
  })
  await ledger.close()
  await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    message: expect.stringContaining('open another one'),
  })
})

it('error: LEDGER_UNAVAILABLE when nothing listens, once patience is over', async () => {
  const send = async () => {
    throw new Error('connect ECONNREFUSED 127.0.0.1:1')
  }
  await expect(open({ send, patienceSeconds: 0.2 })).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
})

it('error: LEDGER_UNAVAILABLE when `send` resolves to something else than replies', async () => {
  await expect(open({ send: async () => 'OK' })).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
})

for (const [option, value] of [
  ['send', undefined],
  ['budget', ''],
  ['budget', 'a}b'],
  ['budget', 'a b'],
  ['durable', 'always'],
  ['durable', { replicas: 0 }],
  ['assume', 'always'],
  ['patienceSeconds', 0],
  ['patienceSeconds', Number.NaN],
] as const) {
  it(`error: INVALID_OPTION when ${option} is ${JSON.stringify(value)}`, async () => {
    const options: object = { [option]: value }
    await expect(open(options)).rejects.toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
  })
}

it('error: UNKNOWN_OPTION when an option is misspelled', async () => {
  const misspelled: object = { durabel: 'fsync' }
  await expect(open(misspelled)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
})

it('createRedisLedger: works over a service that speaks JSON over HTTP', async () => {
  const service = createServer(async (request, response) => {
    const [name = '', ...args] = (await json(request)) as string[]
    const reply = await redis.call(name, ...args).then(
      (result) => ({ result }),
      ({ message }: Error) => ({ error: message }),
    )
    response.end(JSON.stringify(reply))
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  const ledger = await createRedisLedger({
    budget: 'rest',
    async send(args) {
      const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: JSON.stringify(args) })
      const { result, error } = (await response.json()) as { readonly result: unknown; readonly error?: string }
      if (error !== undefined) throw new Error(error)
      return result
    },
  })
  await redis.call('SCRIPT', 'FLUSH')
  const tags = ['Zoë 🎈', 'a\u2028b']
  const reserved = await ledger.reserve(createDraft({ call: { tags } }), [createCap(1, { scope: { tag: 'Zoë 🎈' } })])
  if (isRefusal(reserved)) throw new Error('It was refused.')
  await ledger.note(reserved.id, sent)
  for await (const payment of ledger.list({})) expect(payment).toMatchObject({ id: reserved.id, call: { tags } })
  await ledger.close()
  service.closeAllConnections()
  service.close()
})

it('createRedisLedger: takes a cap on a number of payments or a time without end for one without', async () => {
  const ledger = await createRedisLedger({
    send: ([name = '', ...args]) => redis.call(name, ...args),
    budget: 'endless',
  })
  const endless = createCap(1, { count: Number.POSITIVE_INFINITY, windowSeconds: Number.POSITIVE_INFINITY })
  expect(isRefusal(await ledger.reserve(createDraft(), [endless]))).toBe(false)
  expect(await ledger.reserve(createDraft(), [endless])).toMatchObject({ by: 'cap' })
  expect((await ledger.spent(endless)).count).toBe(1)
  await ledger.close()
})
