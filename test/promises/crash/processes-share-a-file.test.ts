import { readFile } from 'node:fs/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createDice } from '../../../src/testing/chance.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { type Child, startChild } from '../../support/ledger/start-child.js'
import { createGate } from '../../support/money/create-gate.js'
import { sell } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

const PROCESSES = 8

/** Each is one cent. */
const CALLS = 500

/** What half of all calls cost. */
const BUDGET = (PROCESSES * CALLS) / 2

const KILLS = 20

/** One of the processes: it's started again until all of its calls have come to something. */
type Worker = { readonly rest: Set<string>; child: Child | undefined }

it(`one budget for ${PROCESSES} processes on one file holds to the cent, though ${KILLS} of them are killed`, {
  timeout: 600_000,
}, async () => {
  const path = await createLedgerPath()
  const seller = await startSeller(sell)
  onTestFinished(() => seller.stop())
  const dice = createDice(402)
  const outcomes = new Map<string, string>()
  const victims = new Set<Child>()
  let kills = 0
  const killEvery = (PROCESSES * CALLS) / (KILLS + 1)
  const workers: Worker[] = Array.from({ length: PROCESSES }, (_, worker) => ({
    rest: new Set(Array.from({ length: CALLS }, (__, call) => `${worker}-${call}`)),
    child: undefined,
  }))

  async function run(worker: Worker): Promise<void> {
    while (worker.rest.size > 0) {
      const total = `$${BUDGET / 100}`
      const child = await startChild('share-budget', [path, seller.url, total, JSON.stringify([...worker.rest])])
      worker.child = child
      onTestFinished(child.kill)
      for await (const line of child.lines) {
        const [outcome = '', name] = line.split(' ')
        if (name === undefined || outcome === 'again') continue
        outcomes.set(name, outcome)
        worker.rest.delete(name)
        if (outcomes.size >= killEvery * (kills + 1) && kills < KILLS) await killOne(kills++)
      }
    }
  }

  /** Every other time it's the one that serves the others. */
  async function killOne(kill: number): Promise<void> {
    const { pid } = JSON.parse(await readFile(`${path}.lock`, 'utf8').catch(() => '{}'))
    const running = workers.flatMap(({ child, rest }) =>
      child !== undefined && rest.size > 0 && !victims.has(child) ? [child] : [],
    )
    const serving = running.find((child) => child.pid === pid)
    const victim = (kill % 2 === 0 ? serving : undefined) ?? running[dice(running.length)]
    if (victim === undefined) throw new Error('all were killed at once')
    victims.add(victim)
    await victim.kill()
  }

  await Promise.all(workers.map(run))
  const found = [...outcomes.values()]
  expect(new Set(found)).toEqual(new Set(['200', 'LIMIT_TOTAL']))
  expect(found).toHaveLength(PROCESSES * CALLS)
  expect(victims.size).toBe(KILLS)
  expect(seller.authorizations().size).toBe(BUDGET)
  // What was delivered just before a kill was told to no one, and bought again: within the budget, as all else.
  const delivered = found.filter((outcome) => outcome === '200').length
  expect(delivered).toBeLessThanOrEqual(BUDGET)
  expect(delivered).toBeGreaterThanOrEqual(BUDGET - 4 * KILLS)

  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  const { held, spent, count } = await ledger.spent(createCap(1))
  expect([held + spent, count]).toEqual([BigInt(BUDGET) * 10n ** 16n, BUDGET])
  const paid = (await readAll(ledger)).filter(({ state }) => state !== 'released')
  expect(paid).toHaveLength(BUDGET)
  expect(paid.filter(({ delivery }) => delivery === 'none')).toEqual([])
})

it('two workers of node:cluster have one budget', async () => {
  const path = await createLedgerPath()
  const seller = await startSeller(sell)
  onTestFinished(() => seller.stop())
  const calls = Array.from({ length: 40 }, (_, call) => `${call}`)
  const child = await startChild('cluster-workers', [path, seller.url, '$0.25', JSON.stringify(calls)])
  onTestFinished(child.kill)
  const outcomes: string[] = []
  for await (const line of child.lines) outcomes.push(line.split(' ')[0] ?? '')
  expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(2)
  expect(outcomes.filter((outcome) => outcome === '200')).toHaveLength(25)
  expect(outcomes.filter((outcome) => outcome === 'LIMIT_TOTAL')).toHaveLength(55)
  expect(seller.authorizations().size).toBe(25)
})

it.each([
  ['that was served', 'second'],
  ['that served the others', 'first'],
])('a response that was lost by a process %s is fetched by another one, for one payment', async (_which, opened) => {
  const path = await createLedgerPath()
  const arrived = createGate()
  const seller = await startSeller((request, response) => {
    const isFirst = seller.requests.filter(({ payment }) => payment !== undefined).length === 1
    // Never answered: whoever asked is killed.
    if (request.payment !== undefined && isFirst) arrived.open()
    else sell(request, response)
  })
  onTestFinished(() => seller.stop())
  const buy = () => startChild('share-budget', [path, seller.url, '$1', '["weather"]'])
  const stay = async () => {
    const child = await startChild('hold-ledger', [path])
    onTestFinished(child.kill)
    const lines = child.lines[Symbol.asyncIterator]()
    await lines.next()
    child.tell()
    expect((await lines.next()).value).toBe('open')
  }
  if (opened === 'second') await stay()
  const buyer = await buy()
  onTestFinished(buyer.kill)
  await arrived.passed
  if (opened === 'first') await stay()
  await buyer.kill()

  const another = await buy()
  onTestFinished(another.kill)
  const told: string[] = []
  for await (const line of another.lines) told.push(line)
  expect(told).toEqual(['open', '200 weather'])
  expect(seller.requests.filter(({ payment }) => payment !== undefined)).toHaveLength(2)
  expect(seller.authorizations().size).toBe(1)
})
