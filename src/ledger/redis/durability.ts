import { createNotDurable } from '../engine/error.js'
import type { Durable } from '../engine/options.js'
import type { Ask, Told } from '../engine/store.js'
import type { LedgerError } from '../error.js'
import { createShort, isPassing } from './reply-error.js'
import type { LastSeen, Reply, Script, Send } from './script.js'

/** Looks whether Redis keeps what it acknowledges, and waits until it does. */
export type Durability = {
  /**
   * Looks at the settings.
   *
   * @returns What may be lost all the same, one sentence each.
   * @throws {@link LedgerError} `LEDGER_NOT_DURABLE`.
   */
  verify(ask: Ask, lastSeen: LastSeen): Promise<Told<readonly string[]>>
  /** Waits until as many replicas have all that was written until now. */
  confirm(fence: string, ask: Ask, lastSeen: LastSeen): Promise<void>
}

/** What must be set, for which reason. */
const NEEDED = {
  appendonly: { value: 'yes', else: 'forgets everything when it is restarted' },
  appendfsync: { value: 'always', else: 'forgets about a second when the power fails' },
  'maxmemory-policy': { value: 'noeviction', else: 'deletes payments when it needs room' },
} as const

type Setting = keyof typeof NEEDED

/** How long one `WAIT` holds the connection at most. */
const WAIT_MS = 100

/** How often it is looked how far replicas are, where a step has no deadline. */
const MAX_LOOKS = 50

/**
 * Creates what makes sure that a ledger's Redis is durable.
 *
 * @param budget - Names the ledger in errors.
 * @param send - Sends commands. `WAIT` speaks for what was written on its own connection, and that may be another one: so how far replicas are is
 *   read from the engine, and `WAIT` only makes them say it at once.
 * @param script - Runs steps, where the keys are.
 * @param durable - What the ledger relies on.
 * @param isAssumed - Whether the operator says that the settings are right, which can't be read.
 */
export function createDurability(
  budget: string,
  send: Send,
  script: Script,
  durable: Durable,
  isAssumed: boolean,
): Durability {
  const needsSettings = durable === 'fsync' ? SETTINGS : SETTINGS.filter((name) => name === 'maxmemory-policy')
  const refuse = (because: string, hint: string) => createNotDurable(budget, because, hint)

  async function findWrong(): Promise<LedgerError | undefined> {
    for (const name of needsSettings) {
      const value = await readSetting(name)
      const needed = NEEDED[name]
      if (value === undefined) {
        return refuse(
          `its setting \`${name}\` can't be read`,
          "Where `CONFIG` isn't allowed, `assume: 'fsync'` says in your name that the settings are right.",
        )
      }
      if (value !== needed.value) {
        return refuse(
          `\`${name}\` is \`${value}\`, so Redis ${needed.else}`,
          `Set \`${name} ${needed.value}\`, or pass \`durable: 'best-effort'\` if that may happen.`,
        )
      }
    }
    return undefined
  }

  async function readSetting(name: Setting): Promise<string | undefined> {
    try {
      return readPair(await send(['CONFIG', 'GET', name]), name)
    } catch (error) {
      if (isPassing(error)) throw error
      return undefined
    }
  }

  const look = (ask: Ask, lastSeen: LastSeen) => script('replicas', [], ask, lastSeen)

  async function waitFor(count: number, fence: string, ask: Ask, lastSeen: LastSeen): Promise<void> {
    const wait = () => send(['WAIT', String(count), String(WAIT_MS)]).catch(() => undefined) // it only hurries them
    const [written] = await Promise.all([look(ask, lastSeen), wait()])
    let has = 0
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const reply = await look(ask, lastSeen)
      has = countReplicas(reply, Number(written.rest[0]))
      if (written.fence !== fence || reply.fence !== fence || reply.is !== 'replicas') break
      if (has >= count) return
      if (reply.atMs >= (ask.deadlineMs ?? Number.POSITIVE_INFINITY)) break
      await wait()
    }
    throw createShort(count, has)
  }

  function refuseReplicas(found: number, wanted: number): LedgerError {
    return refuse(
      `${found === 1 ? '1 replica is' : `${found} replicas are`} connected, and \`durable\` asks for ${wanted}`,
      'Connect all replicas that may take over, or ask for as many as there are.',
    )
  }

  /** What may be lost all the same, as sentences; what is refused is thrown. */
  function judge(isBlind: boolean, replicas: number): readonly string[] {
    if (isBlind && !isAssumed) throw refuse(BLIND_BECAUSE, BLIND_HINT)
    if (typeof durable === 'object' && replicas < durable.replicas) throw refuseReplicas(replicas, durable.replicas)
    return durable === 'fsync' && replicas > 0 ? [REPLICAS] : []
  }

  async function findLosses(isBlind: boolean, replicas: number): Promise<readonly string[]> {
    const wrong = isAssumed ? undefined : await findWrong()
    if (durable === 'best-effort') return wrong === undefined ? [BEST_EFFORT] : [BEST_EFFORT, wrong.message]
    if (wrong !== undefined) throw wrong
    return judge(isBlind, replicas)
  }

  return {
    async verify(ask, lastSeen) {
      const { atMs, is, rest } = await look(ask, lastSeen)
      const isBlind = is === 'blind'
      const losses = await findLosses(isBlind, rest.slice(1).length)
      return { atMs, told: isBlind ? [BLIND, ...losses] : losses }
    },
    async confirm(fence, ask, lastSeen) {
      if (typeof durable === 'object') await waitFor(durable.replicas, fence, ask, lastSeen)
    },
  }
}

const SETTINGS: readonly Setting[] = ['appendonly', 'appendfsync', 'maxmemory-policy']

const BEST_EFFORT = "It was opened with `durable: 'best-effort'`: Redis may forget what it acknowledged."
const REPLICAS =
  'Redis has replicas. If one takes over, it may lack what was acknowledged last; `durable: { replicas: n }` waits for all that may.'
const BLIND =
  "Redis doesn't let scripts read `INFO`, so a restart or a failover isn't noticed, and what it loses isn't put back."
const BLIND_BECAUSE = "scripts can't read `INFO`, so a restart or a failover isn't noticed"
const BLIND_HINT =
  "Allow `INFO` for the user of the ledger. Where that can't be, `assume: 'fsync'` says in your name that nothing acknowledged is lost; `durable: 'best-effort'` opens with a warning."

function countReplicas({ rest: [, ...offsets] }: Reply, offset: number): number {
  return offsets.filter((one) => Number(one) >= offset).length
}

/** A setting in a reply: a list of names and values, or by names where the client makes that of it. */
function readPair(reply: unknown, name: string): string | undefined {
  const value: unknown = Array.isArray(reply)
    ? reply[reply.indexOf(name) + 1]
    : reply instanceof Map
      ? reply.get(name)
      : typeof reply === 'object' && reply !== null
        ? Reflect.get(reply, name)
        : undefined
  return typeof value === 'string' ? value : undefined
}
