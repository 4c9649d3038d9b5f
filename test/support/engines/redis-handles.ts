import { randomBytes } from 'node:crypto'
import { createRedisLedger, type RedisLedger } from '../../../src/ledger/redis/index.js'
import type { Send } from '../../../src/ledger/redis/script.js'
import type { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { describeLedgerContract } from '../contracts/ledger.js'
import { loseNextReply } from '../contracts/lost-reply.js'

/** A process's way to Redis, which can break. */
type Line = {
  readonly send: Send
  /** The process of the ledger that uses it, once it has said something. */
  owner(): string
  /** From now on nothing arrives there, as when the process is gone. */
  cut(): void
}

/** How many of a script's arguments are before those of the ledger: the name, the digest, the number of keys, and the keys. */
const BEFORE = 3 + 12

/** Makes a way that can be cut. */
export function createLine(send: Send): Line {
  let owner = ''
  let isCut = false
  return {
    send: async (args) => {
      if (isCut) throw new Error('Connection is closed.')
      owner = args[BEFORE + 1] ?? owner
      return await send(args)
    },
    owner: () => owner,
    cut: () => (isCut = true),
  }
}

/** Runs the contract of ledgers on Redis through one client of it. */
export function describeRedisContract(name: string, send: Send, options: { readonly histories: number }): void {
  const handles = new WeakMap<RedisLedger, { readonly budget: string; readonly line: Line }>()

  async function open(ports: ledgerContract.Ports, budget = randomBytes(6).toString('hex')): Promise<RedisLedger> {
    const line = createLine(send)
    const ledger = await createRedisLedger({ ...ports, send: line.send, budget, durable: 'best-effort' })
    handles.set(ledger, { budget, line })
    return ledger
  }

  function find(ledger: RedisLedger) {
    const handle = handles.get(ledger)
    if (handle === undefined) throw new Error('The ledger is none of these.')
    return handle
  }

  describeLedgerContract(name, {
    create: open,
    openAgain: (ledger, ports) => open(ports, find(ledger).budget),
    async crash(ledger, ports) {
      const { budget, line } = find(ledger)
      line.cut()
      // Its lease runs out by the clock of Redis, which no test waits for.
      await send(['ZADD', `pay402:{${budget}}:l`, '1', line.owner()])
      return await open(ports, budget)
    },
    disturb(ledger) {
      const disturbed = loseNextReply(ledger)
      handles.set(disturbed, find(ledger))
      return disturbed
    },
    runs: options.histories,
    payments: 200,
    slow: false,
  })
}
