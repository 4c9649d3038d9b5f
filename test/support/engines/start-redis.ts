import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { type EngineProcess, findFreePort, startEngine } from './engine-process.js'

/** A Redis of its own, in a folder of its own. */
export type RedisServer = EngineProcess & {
  /** Where its append-only file and its snapshot are. */
  readonly folder: string
  /** Ends it and deletes its folder. */
  stop(): Promise<void>
}

/** What a ledger asks for: each write is on the disk before it is acknowledged, and nothing is evicted. */
const DURABLE = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' }

/**
 * Starts Redis on a free port.
 *
 * @param settings - As in `redis.conf`, in place of or beside those of a durable one.
 */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-redis-'))
  const port = await findFreePort()
  const given = { ...DURABLE, port: String(port), bind: '127.0.0.1', dir: folder, ...settings }
  const engine = await startEngine({
    port,
    program: 'redis-server',
    args: Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]),
    isReady: () => isAnswering(port),
  })
  return {
    ...engine,
    folder,
    async stop() {
      await engine.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** It refuses, with `LOADING`, as long as it reads its file. */
async function isAnswering(port: number): Promise<boolean> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

/** Starts a cluster of one node, which has all slots. */
export async function startRedisCluster(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const server = await startRedis({ 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1', ...settings })
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  await redis.cluster('ADDSLOTSRANGE', 0, 16_383)
  while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) await redis.ping()
  redis.disconnect()
  return server
}
