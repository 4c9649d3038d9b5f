import { describe, expect, it } from 'vitest'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'
import { writeCompacted, writeGrown } from '../../support/ledger/write-ledger.js'

/** More than stay whole, so that each further one costs the same. */
const LEAST = 2000
const FEW = 2 * LEAST
const MANY = 2 * FEW

/** What a ledger of so many payments takes: steps, objects in memory, and texts of signed payments there. */
type Weighed = Readonly<Record<'openSteps' | 'reserveSteps' | 'objects' | 'signed', number>>

describe('createFileLedger: with more and more payments', () => {
  it(`reserves in as many steps on ${MANY} as on ten`, async () => {
    const [small, large] = [await weigh(writeCompacted, 10), await weigh(writeCompacted, MANY)]
    expect(large.reserveSteps).toBeLessThan(small.reserveSteps * 1.1)
  })

  it.each([
    ['was compacted', writeCompacted],
    ['was never compacted', writeGrown],
  ])('opens a file that %s in as many steps for each, and holds no object for it', async (_, write) => {
    const [least, few, many] = [await weigh(write, LEAST), await weigh(write, FEW), await weigh(write, MANY)]
    const steps = (more: Weighed, fewer: Weighed, times: number) => (more.openSteps - fewer.openSteps) / times
    expect(steps(many, few, MANY - FEW)).toBeLessThan(steps(few, least, FEW - LEAST) * 1.1)
    expect((many.objects - few.objects) / (MANY - FEW)).toBeLessThan(0.5)
  })

  it('holds of a file that was never compacted what it holds of one that was: no signed payment that was answered', async () => {
    const [compacted, grown] = [await weigh(writeCompacted, MANY), await weigh(writeGrown, MANY)]
    expect((grown.objects - compacted.objects) / MANY).toBeLessThan(0.5)
    expect(grown.signed).toBe(0)
  })
})

const weighed = new Map<string, Weighed>()

/** Each ledger once: looking at a whole memory takes a while. */
async function weigh(write: typeof writeCompacted, payments: number): Promise<Weighed> {
  const name = `${write.name} ${payments}`
  const known = weighed.get(name) ?? (await weighAnother(write, payments))
  weighed.set(name, known)
  return known
}

async function weighAnother(write: typeof writeCompacted, payments: number): Promise<Weighed> {
  const path = await createLedgerPath()
  await write(path, payments)
  const child = await startChild('weigh-ledger', [path])
  for await (const line of child.lines) return JSON.parse(line)
  throw new Error('it told nothing')
}
