import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, it } from 'vitest'
import { startPostgres } from '../../support/engines/start-postgres.js'
import { startRedis } from '../../support/engines/start-redis.js'

it('startRedis: keeps what it acknowledged when it is killed', async () => {
  const server = await startRedis()
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  await redis.set('key', 'value')
  redis.disconnect()
  await server.kill('SIGKILL')
  await server.start()
  const again = new Redis({ port: server.port, host: '127.0.0.1' })
  expect(await again.get('key')).toBe('value')
  again.disconnect()
  await server.stop()
})

it('startPostgres: keeps what it acknowledged when it is killed', async () => {
  const server = await startPostgres()
  const query = async (text: string) => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query(text)
    await client.end()
    return rows
  }
  await query('create table kept as select 1 as value')
  await server.kill('SIGQUIT')
  await server.start()
  expect(await query('select value from kept')).toEqual([{ value: 1 }])
  await server.stop()
})
