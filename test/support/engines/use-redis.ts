import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { type RedisServer, startRedis } from './start-redis.js'

/** A Redis that all tests of a file have, and a connection to it. */
export type UsedRedis = { readonly server: RedisServer; readonly redis: Redis }

/**
 * Starts a Redis before the tests of a file, and ends it after them.
 *
 * @param settings - As {@link startRedis} takes them.
 * @param use - Told it once it has started.
 */
export function useRedis(settings: Readonly<Record<string, string>>, use: (used: UsedRedis) => void): void {
  let used: UsedRedis | undefined
  beforeAll(async () => {
    const server = await startRedis(settings)
    used = { server, redis: new Redis({ port: server.port, host: '127.0.0.1' }) }
    use(used)
  })
  afterAll(async () => {
    used?.redis.disconnect()
    await used?.server.stop()
  })
}

/**
 * Connects as a user that a test made, who has the password `secret`. Whether Redis is ready isn't asked: that takes `INFO`, which some may not.
 */
export function connectAs(username: string, { port }: RedisServer): Redis {
  return new Redis({ port, host: '127.0.0.1', username, password: 'secret', enableReadyCheck: false })
}
