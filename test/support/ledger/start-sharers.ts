import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { MoneyState } from '../../../src/errors/x402-error.js'
import { LedgerError, type LedgerErrorCode } from '../../../src/ledger/error.js'
import type { FileLedger } from '../../../src/ledger/file/index.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Payment } from '../../../src/payment/payment.js'
import { bundleProgram } from './start-child.js'

/** What a process is asked for. */
export type Asked = { number: number; step: string; given: readonly unknown[]; nowSeconds: number }

/** What it tells. */
export type Told = { number: number; value?: unknown; error?: { text: string; code: string; money: MoneyState } }

/** A process that has a ledger open. */
export type Sharer = {
  readonly pid: number | undefined
  ask(step: string, given: readonly unknown[], nowSeconds: number): Promise<unknown>
  /** Kills it, and waits until it's gone. */
  kill(): Promise<void>
}

/** A handle whose steps are dealt in turn to several processes that have the same file open. */
export type SharedLedger = Omit<FileLedger, 'listen' | 'recovery' | 'compact'> & {
  readonly sharers: readonly Sharer[]
  /** Kills all of them. */
  kill(): Promise<void>
}

/** Tells all processes that have a file open what time it is: whoever serves the others goes by its own clock. */
const machines = new Map<string, Set<() => Promise<unknown>>>()

const idle: Sharer[] = []

/** Starts a process, or takes one that was given back. */
async function startSharer(): Promise<Sharer> {
  return idle.pop() ?? toSharer(fork(await bundleProgram('share-ledger'), { serialization: 'advanced' }))
}

/** Starts a process that has a ledger open until the test has ended; it is told what time it is. */
export async function shareLedger(path: string, nowSeconds: number): Promise<Sharer> {
  const sharer = await startSharer()
  onTestFinished(sharer.kill)
  await sharer.ask('open', [path], nowSeconds)
  return sharer
}

/** Ends all that were given back. */
export async function endSharers(): Promise<void> {
  await Promise.all(idle.splice(0).map(({ kill }) => kill()))
}

function toSharer(child: ChildProcess): Sharer {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  const gone = once(child, 'exit')
  let count = 0
  child.on('message', ({ number, value, error }: Told) => {
    const one = waiting.get(number)
    waiting.delete(number)
    if (error === undefined) one?.resolve(value)
    else one?.reject(new LedgerError(error.text, { code: error.code as LedgerErrorCode, money: error.money }))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process is gone'))
  })
  return {
    pid: child.pid,
    ask(step, given, nowSeconds) {
      const number = count++
      return new Promise((resolve, reject) => {
        waiting.set(number, { resolve, reject })
        child.send({ number, step, given, nowSeconds } satisfies Asked)
      })
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/**
 * Opens one file in several processes.
 *
 * @param clock - Told to each of them before each step: they are on one machine.
 * @param count - How many.
 */
export async function openShared(path: string, clock: Clock, count: number): Promise<SharedLedger> {
  const sharers = await Promise.all(Array.from({ length: count }, startSharer))
  const atOnce = (step: string, given: readonly unknown[]) =>
    Promise.all(sharers.map((sharer) => sharer.ask(step, given, clock.nowSeconds())))
  await atOnce('open', [path])
  const turn = () => atOnce('turn', [])
  const turns = machines.get(path) ?? new Set()
  machines.set(path, turns.add(turn))
  let dealt = 0

  async function take(step: string, given: readonly unknown[]): Promise<never> {
    const sharer = sharers[dealt++ % count]
    await Promise.all([...turns].map((one) => one()))
    return (await sharer?.ask(step, given, clock.nowSeconds())) as never // what the ledger there resolved to
  }

  return {
    guarantee: 'machine',
    path,
    sharers,
    reserve: (draft, caps) => take('reserve', [draft, caps]),
    note: (id, event) => take('note', [id, event]),
    claim: (claimant) => take('claim', [claimant]),
    async *list(filter) {
      yield* (await take('list', [filter])) as readonly Payment[]
    },
    spent: (cap) => take('spent', [cap]),
    get: (kind, key) => take('get', [kind, key]),
    put: (kind, key, value, expected) => take('put', [kind, key, value, expected]),
    async close() {
      turns.delete(turn)
      await atOnce('close', [])
      idle.push(...sharers)
    },
    async kill() {
      turns.delete(turn)
      await Promise.all(sharers.map(({ kill }) => kill()))
    },
  }
}
