import { expect, it, onTestFinished } from 'vitest'
import { openRedisStore, toMark } from '../../support/engines/open-redis-store.js'
import { startRedis } from '../../support/engines/start-redis.js'

async function open() {
  const server = await startRedis({ appendonly: 'no' })
  const opened = await openRedisStore(server)
  onTestFinished(async () => {
    opened.close()
    await server.stop()
  })
  const { redis, budget, store, ask } = opened
  const register = `pay402:{${budget}}:g`
  let tokens = 0

  return {
    read: async (number: number) => (await store.get(toMark(number, 32), ask)).told,
    async put(number: number, text: string | undefined, revision: number, token = toMark(++tokens)) {
      return (await store.put({ name: toMark(number, 32), text, revision, token }, ask)).told
    },
    count: () => redis.hlen(register),
    /** Makes all removals as old as if they had been made eleven minutes ago. */
    async age() {
      for (const [field, text] of Object.entries(await redis.hgetall(register))) {
        const [revision = '', seconds = '', name = ''] = text.split(' ')
        if (/^\.\d+$/.test(field)) await redis.hset(register, field, `${revision} ${Number(seconds) - 660} ${name}`)
      }
    },
  }
}

it('put: keeps no field of values that were removed, however many come and go, and gives no revision twice', async () => {
  const { put, read, count, age } = await open()
  const comeAndGo = async (number: number) => {
    expect(await put(number, '"yes"', 0)).toBe(true)
    const { revision } = await read(number)
    expect(await put(number, undefined, revision)).toBe(true)
    return revision
  }
  const revisions: number[] = []
  for (let number = 0; number < 40; number++) revisions.push(await comeAndGo(number))
  const few = await count()
  for (let turn = 0; turn < 4; turn++) {
    await age()
    for (let number = 0; number < 40; number++) revisions.push(await comeAndGo(100 * turn + number))
  }
  expect(await count()).toBeLessThanOrEqual(few + 2)
  expect(new Set(revisions).size).toBe(revisions.length)
})

it('put: is done once when it is repeated, also where it removes; and a removal that was made before leaves alone what was written since', async () => {
  const { put, read, age } = await open()
  await put(1, '"yes"', 0)
  const { revision } = await read(1)
  const token = toMark(99)
  expect(await put(1, undefined, revision, token)).toBe(true)
  expect(await put(1, undefined, revision, token)).toBe(true)
  expect(await put(1, undefined, revision, toMark(98))).toBe(false)
  expect(await read(1)).toEqual({ revision: 0, text: undefined })
  expect(await put(1, '"again"', 0)).toBe(true)
  await age()
  await put(2, undefined, 0)
  await put(3, undefined, 0)
  expect((await read(1)).text).toBe('"again"')
})
