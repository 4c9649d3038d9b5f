import { cp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from '../support/engines/start-redis.js'
import type { Engine, EngineOptions } from './engine.js'

/** How much of its log a machine without power has lost: `everysec` promises no more. */
const LOST_MS = 1000
/** How often the length of the log is looked at, to know how long it was a second ago. */
const LOOK_MS = 50

/** Starts Redis, and a replica of it where one is asked for. */
export async function startRedisEngine({
  appendfsync = 'always',
  durable = 'fsync',
  hasReplica = false,
}: EngineOptions): Promise<Engine> {
  const settings = { appendfsync, 'repl-diskless-sync-delay': '0' }
  const server = await startRedis(settings)
  const replica = hasReplica ? await startReplica(server, settings) : undefined
  const log = watchLog(server)
  const backup = `${server.folder}-copy`
  const data = join(server.folder, 'appendonlydir')

  async function end(signal: NodeJS.Signals): Promise<void> {
    await server.kill(signal)
  }

  return {
    ledger: { in: 'redis', port: server.port, durable },
    async restart() {
      await end('SIGTERM')
      await server.start()
    },
    async kill() {
      await end('SIGKILL')
      await server.start()
    },
    async pause() {
      server.pause()
    },
    async goOn() {
      server.goOn()
    },
    async losePower() {
      await end('SIGKILL')
      await log.cut()
    },
    start: () => server.start(),
    async flush() {
      await ask(server.port, ['FLUSHALL'])
    },
    async copy() {
      await end('SIGKILL')
      await cp(data, backup, { recursive: true })
      await server.start()
    },
    async putCopyBack() {
      await end('SIGKILL')
      await rm(data, { recursive: true })
      await cp(backup, data, { recursive: true })
      await server.start()
    },
    async promote() {
      if (replica === undefined) throw new Error('there is no replica')
      await ask(replica.port, ['REPLICAOF', 'NO', 'ONE'])
      return [server.port, replica.port]
    },
    async demote() {
      await ask(server.port, ['REPLICAOF', '127.0.0.1', String(replica?.port)])
      await waitForLink(server.port)
    },
    async stop() {
      log.stop()
      await server.stop()
      await replica?.stop()
      await rm(backup, { recursive: true, force: true })
    },
  }
}

async function startReplica(primary: RedisServer, settings: Readonly<Record<string, string>>): Promise<RedisServer> {
  const replica = await startRedis(settings)
  await ask(replica.port, ['REPLICAOF', '127.0.0.1', String(primary.port)])
  await waitForLink(replica.port)
  return replica
}

/** Until it has all that its primary has. */
async function waitForLink(port: number): Promise<void> {
  while (!(await ask(port, ['INFO', 'replication'])).includes('master_link_status:up')) await wait(LOOK_MS)
}

/** Asks a server as an operator does. */
async function ask(port: number, [name = '', ...args]: readonly string[]): Promise<string> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null })
  try {
    return String(await redis.call(name, ...args))
  } finally {
    redis.disconnect()
  }
}

/** Knows how long the append-only file was a second ago. */
function watchLog({ folder }: RedisServer) {
  let lengths: { readonly atMs: number; readonly file: string; readonly bytes: number }[] = []
  const timer = setInterval(() => {
    readLog(folder).then(
      (log) => {
        if (log === undefined) return
        const isOld = lengths.findLastIndex(({ atMs }) => atMs <= log.atMs - LOST_MS)
        lengths = [...lengths.slice(Math.max(0, isOld)), log]
      },
      () => undefined, // it is being put back
    )
  }, LOOK_MS)
  return {
    /** Cuts off what came since. */
    async cut() {
      const now = performance.now()
      const then = lengths.findLast(({ atMs }) => atMs <= now - LOST_MS)
      if (then !== undefined) await truncate(then.file, then.bytes)
    },
    stop: () => clearInterval(timer),
  }
}

async function readLog(folder: string) {
  const data = join(folder, 'appendonlydir')
  const newest = (await readdir(data)).filter((name) => name.endsWith('.incr.aof')).at(-1)
  if (newest === undefined) return undefined
  const file = join(data, newest)
  return { atMs: performance.now(), file, bytes: (await stat(file)).size }
}
