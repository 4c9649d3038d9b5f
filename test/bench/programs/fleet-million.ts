import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Ledger } from 'pay402/ledger'
import { createRedisLedger } from 'pay402/ledger/redis'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { startRedis } from '../../support/engines/start-redis.js'
import { interleave, isQuick, measureTime, repeat, tellFigures, toMedian, toRatio } from '../figures.js'

/**
 * A reserve in Redis at many payments, over one at ten. The many are written by the ledger's own command: one `reserve` is recorded, and sent again
 * in batches with other ids, as payments that are over.
 */
const MANY = isQuick() ? 100_000 : 1_000_000
const FEW = 10
const BATCH = 250
const TURNS = 25
const MEASURED = 20

/** Where a `reserve` has its verb, behind the name of the command, the script, and the keys. */
const VERB = 3 + 12

/** Where it has the deadline, and what is written of the row. */
const DEADLINE = VERB + 3
const ROW = VERB + 7

const most = 1e15
const caps = [
  createCap(most),
  createCap(most, { windowSeconds: 86_400 }),
  createCap(most, { scope: { host: 'api.example.com' } }),
]

/** What a client of Redis is told. */
type Command = readonly string[]

const server = await startRedis({ appendfsync: 'no', appendonly: 'no' }) // the disk is measured elsewhere
const redis = new Redis({ port: server.port, host: '127.0.0.1' })
try {
  const many = await openBudget('many')
  await many.reserve(1)
  await fill(many.last(), MANY)
  await many.reserve(1)

  let budgets = 0
  const measureFew = async () => {
    const few = await openBudget(`few-${budgets++}`)
    await few.reserve(FEW)
    const time = await measureTime(() => few.reserve(MEASURED))
    await few.ledger.close()
    return time / MEASURED
  }
  const measureMany = async () => (await measureTime(() => many.reserve(MEASURED))) / MEASURED
  const cases = { few: measureFew, fewAgain: measureFew, many: measureMany }
  await interleave(cases, 3)
  const times = await interleave(cases, TURNS)
  await many.ledger.close()
  const us = (figures: readonly number[]) => toMedian(figures).toFixed(0)
  tellFigures({
    'fleet-million': {
      ...toRatio(times.many, times.few),
      again: toRatio(times.fewAgain, times.few).now,
      note: `${isQuick() ? 'quick: ' : ''}${us(times.many)} µs at ${MANY} payments, ${us(times.few)} at ${FEW}`,
    },
  })
} finally {
  redis.disconnect()
  await server.stop()
}

/** A budget of its own, whose commands are seen. */
async function openBudget(budget: string) {
  let last: Command = []
  const ledger = await createRedisLedger({
    budget,
    durable: 'best-effort',
    send(command) {
      if (command[0] === 'EVALSHA' && command.includes('reserve')) last = command
      return send(command)
    },
  })
  return {
    ledger,
    last: () => last,
    reserve: (times: number) => repeat(times, () => reserve(ledger)),
  }
}

async function reserve(ledger: Ledger): Promise<void> {
  const reserved = await ledger.reserve(createDraft(), caps)
  if (!('id' in reserved)) throw new Error(`refused by ${reserved.by}`)
}

function send([name = '', ...args]: Command): Promise<unknown> {
  return redis.call(name, ...args)
}

/** Sends a reserve again so many times, each as another payment, which is over: no one owns it, and no purchase is open by it. */
async function fill(command: Command, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent += BATCH) {
    const batch = Array.from({ length: BATCH }, () => {
      const one = [...command]
      const [id, counts, owner, openUnder, names] = [ROW, ROW + 1, ROW + 2, ROW + 12, ROW + 14] as const
      Object.assign(one, { [DEADLINE]: '', [id]: randomBytes(16).toString('hex'), [counts]: 's' })
      Object.assign(one, { [owner]: '', [openUnder]: '', [names]: '' })
      return send(one)
    })
    const replies = await Promise.all(batch)
    if (!replies.every((reply) => Array.isArray(reply) && reply[3] === 'reserved')) throw new Error(String(replies[0]))
  }
}
