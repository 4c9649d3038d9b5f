import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { x402Client } from 'pay402'
import { wrapFetchWithPayment } from 'pay402/fetch'
import type { Ledger } from 'pay402/ledger'
import { createPostgresLedger, toMigration } from 'pay402/ledger/postgres'
import { createRedisLedger } from 'pay402/ledger/redis'
import { createSeller, TestScheme } from 'pay402/testing'
import pg from 'pg'
import { createClient } from 'redis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startPostgres } from '../../support/engines/start-postgres.js'
import { startRedis } from '../../support/engines/start-redis.js'

const page = readFileSync('docs/guides/fleet.md', 'utf8')

/** Buys twice with a budget for one, so that each step of a ledger is carried out. */
async function buyTwice(ledger: Ledger) {
  const seller = createSeller({ price: '$0.01' })
  const limits = { perDay: '$0.01', perTag: { perMonth: '$1' } }
  const client = new x402Client({ ledger, limits }).register('eip155:*', new TestScheme())
  const paidFetch = wrapFetchWithPayment(seller.fetch, client)
  const first = await paidFetch('https://seller.example/1', { x402: { tags: ['customer:7'] } })
  const second = await paidFetch('https://seller.example/2').catch((error) => error)
  const [entry] = await client.payments()
  return { first: first.status, second: second.code, money: entry?.money, taken: seller.payments.length }
}

const BOUGHT_ONCE = { first: 200, second: 'LIMIT_WINDOW', money: 'settled', taken: 1 }

describe('docs/guides/fleet.md: the user of Redis', () => {
  async function startWithUser() {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const admin = new Redis({ port: server.port })
    onTestFinished(() => admin.disconnect())
    const [, line = ''] = /^ACL (SETUSER .+)$/m.exec(page) ?? []
    expect(await admin.call('ACL', ...line.split(' '))).toBe('OK')
    const refused = async () => Number(await admin.call('INFO', 'commandstats').then(countRejected))
    return { port: server.port, username: 'reports', password: 'a-secret', refused }
  }

  /** What no right was given for is counted by Redis itself. */
  function countRejected(stats: unknown): number {
    return [...String(stats).matchAll(/rejected_calls=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  it('may do what a ledger does through ioredis, and nothing else', async () => {
    const { port, username, password, refused } = await startWithUser()
    const redis = new Redis({ port, username, password, autoResendUnfulfilledCommands: false })
    onTestFinished(() => redis.disconnect())
    const send = ([name = '', ...args]: readonly string[]) => redis.call(name, ...args)
    const ledger = await createRedisLedger({ send, budget: 'research' })
    expect(await buyTwice(ledger)).toEqual(BOUGHT_ONCE)
    await ledger.close()
    expect(await refused()).toBe(0)
    await expect(redis.get('pay402:{research}:m')).rejects.toThrow('NOPERM')
    await expect(redis.hgetall('pay402:{another}:m')).rejects.toThrow('NOPERM')
    expect(await refused()).toBe(2)
  })

  it('may do what a ledger does through node-redis', async () => {
    const { port, username, password, refused } = await startWithUser()
    const client = await createClient({ socket: { port, host: '127.0.0.1' }, username, password }).connect()
    onTestFinished(() => client.close())
    const ledger = await createRedisLedger({ send: (args) => client.sendCommand([...args]), budget: 'research' })
    expect(await buyTwice(ledger)).toEqual(BOUGHT_ONCE)
    await ledger.close()
    expect(await refused()).toBe(0)
  })
})

describe('the migration of Postgres: the role that it grants its steps to', () => {
  it('may do what a ledger does, and read no table', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    onTestFinished(() => admin.end())
    await admin.query(toMigration())
    await admin.query('CREATE ROLE reports LOGIN')
    // The migration ends with them, as comments.
    const [, grants = ''] = /^-- To the role of your program.+?\n--\n(.+)$/ms.exec(toMigration()) ?? []
    const [rights = ''] = grants.replace(/^--/gm, '').replaceAll('"app"', 'reports').split('Where there are standbys')
    await admin.query(rights)
    const tables = await admin.query("select table_name from information_schema.tables where table_schema = 'pay402'")

    const pool = new pg.Pool({ connectionString: server.url.replace('postgres@', 'reports@') })
    onTestFinished(() => pool.end())
    const ledger = await createPostgresLedger({ query: pool })
    expect(await buyTwice(ledger)).toEqual(BOUGHT_ONCE)
    await ledger.close()
    expect(tables.rowCount).toBeGreaterThan(0)
    for (const { table_name: table } of tables.rows) {
      await expect(pool.query(`select from pay402.${table}`)).rejects.toThrow('permission denied')
    }
  })
})
