import { invalidOption } from '../../errors/options.js'
import { systemClock } from '../../payment/clock.js'
import { systemRandomBytes } from '../../payment/random.js'
import type { Warning } from '../../payment/stream.js'
import { createWarnings } from '../book/warnings.js'
import { createEngineLedger, type EngineLedger } from '../engine/ledger.js'
import { assertEngineOptions, type Durable, type EngineOptions } from '../engine/options.js'
import { createPatience } from '../engine/patience.js'
import { createDurability } from './durability.js'
import { createFence } from './fence.js'
import { createScript, type Send } from './script.js'
import { createRedisStore } from './store.js'

/** A ledger in Redis; {@link createRedisLedger} opens it. */
export type RedisLedger = EngineLedger

/**
 * Opens a ledger in Redis 7 or later, so that all processes that open the same budget share it, on any number of machines.
 *
 * A hundred processes can't spend more than one could, whatever dies and whenever; a response that one of them lost is fetched by another. It works
 * through the client that you have, since you hand it one function. All keys of a budget are in one hash slot, so a Redis Cluster is fine. Windows go by the clock of
 * Redis, never by that of a process.
 *
 * Whether that holds through a crash of Redis itself depends on its settings: they are read when the ledger is opened, and those that could lose a
 * payment are refused. While Redis doesn't respond, steps are retried for some seconds, and nothing is signed that isn't written down.
 *
 * @example
 * ```ts no-run needs a Redis
 * import { Redis } from 'ioredis'
 *
 * const redis = new Redis(process.env.REDIS_URL ?? '', { autoResendUnfulfilledCommands: false })
 * redis.on('error', ({ message }) => console.warn(message))
 * const ledger = await createRedisLedger({
 *   send: ([name = '', ...args]) => redis.call(name, ...args),
 *   budget: 'research',
 * })
 * const client = new x402Client({ ledger, limits: { perDay: '$50' } })
 * ledger.guarantee //=> 'fleet'
 * await ledger.close()
 * redis.disconnect()
 * ```
 *
 * @param options - How Redis is asked, which budget it is, and what the ledger relies on.
 * @returns The ledger. Close it when you are done, so that other processes needn't wait for a lease to end; the connection stays yours.
 * @throws {@link LedgerError} `LEDGER_NOT_DURABLE` when Redis may forget what it acknowledged, with the setting to change, and
 *   `LEDGER_UNAVAILABLE` when it doesn't respond, or refuses a command. {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`. Nothing is paid.
 */
export async function createRedisLedger(options: createRedisLedger.Options): Promise<RedisLedger> {
  assertRedisOptions(options)
  const { send, budget, durable = 'fsync', assume, patienceSeconds = 5, clock, random = systemRandomBytes } = options
  const warnings = createWarnings(options.onWarning)
  const script = await createScript(send, budget)
  const { verify, confirm } = createDurability(budget, send, script, durable, assume === 'fsync')
  const fence = createFence(
    script,
    async (ask) => tell((await verify(ask, fence.lastSeen())).told),
    systemClock,
    warnings.warn,
  )
  const store = createRedisStore(script, fence, (written, ask) => confirm(written, ask, fence.lastSeen()))

  /** The same once. */
  const told = new Set<string>()
  function tell(lost: readonly string[]): void {
    for (const message of lost) {
      if (!told.has(message)) warnings.warn(createNotDurableWarning(message))
      told.add(message)
    }
  }

  const owner = ''.padStart(32, '0') // of one who has nothing in flight
  const patienceMs = patienceSeconds * 1000
  const parts = { store, ledger: budget, owner, patienceMs, injected: clock, clock: systemClock }
  tell(await createPatience(parts).ask((_, ask) => verify(ask, fence.lastSeen())))
  const ledger = await createEngineLedger(store, { name: budget, patienceSeconds, clock, random, warnings })
  return {
    ...ledger,
    async close() {
      await ledger.close()
      fence.end()
    },
  }
}

export declare namespace createRedisLedger {
  /**
   * How Redis is asked, which budget it is, and what the ledger relies on.
   *
   * @example
   * ```ts no-run needs a Redis with two replicas
   * import { createClient } from 'redis'
   *
   * const client = createClient({ url: process.env.REDIS_URL ?? '' })
   * client.on('error', ({ message }) => console.warn(message)) // without it, a restart of Redis ends the process
   * await client.connect()
   * const ledger = await createRedisLedger({
   *   send: (args) => client.sendCommand([...args]),
   *   budget: 'research',
   *   durable: { replicas: 2 },
   * })
   * ```
   */
  type Options = EngineOptions & {
    /**
     * Sends one command, its name first, and resolves to the reply as texts and lists. ioredis and its `Cluster`:
     * `([name = '', ...args]) => redis.call(name, ...args)`; node-redis: `(args) => client.sendCommand([...args])`, and its cluster:
     * `(args) => cluster.sendCommand(args[3], false, [...args])`. Whether the client itself sends a command again after its connection broke makes no
     * difference. It may use any number of connections.
     */
    send: Send
    /**
     * Whose money it is: all ledgers of one Redis with the same `budget` are one ledger. Its keys begin with `pay402:{budget}:`. At most 100
     * characters, without braces and white space.
     */
    budget: string
    /**
     * What keeps what Redis acknowledged. `'fsync'`: its own disk, each write at once. `{ replicas: n }`: a payment is sent when n replicas have it; name all
     * that may take over. `'best-effort'`: nothing is asked for, and a warning says so. A crash of Redis can then lose up to a second of payments, which no
     * longer count and may be made again.
     *
     * @default 'fsync'
     */
    durable?: Durable | undefined
    /**
     * Says in your name that Redis is set up as `durable` needs it, where `CONFIG` or `INFO` isn't allowed. Nothing is read then.
     *
     * @default the settings are read
     */
    assume?: 'fsync' | undefined
  }
}

function createNotDurableWarning(message: string): Warning {
  return Object.freeze({
    code: 'LEDGER_MAY_FORGET',
    message,
    hint: 'If something is lost, processes that are alive put back what they sent in the last minute; the rest is paid and not counted.',
  } as const)
}

function assertRedisOptions(options: unknown): asserts options is createRedisLedger.Options {
  assertEngineOptions(options, 'createRedisLedger', ['send', 'budget'])
  const { send, budget } = options
  if (typeof send !== 'function') throw invalidOption('send', 'a function that sends a command to Redis')
  if (typeof budget !== 'string' || !/^[^{}\s]{1,100}$/.test(budget)) {
    throw invalidOption('budget', 'a name of at most 100 characters, without braces and white space')
  }
}
