import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from '../support/ledger/start-child.js'
import { type Figures, toQuantile } from './figures.js'

/** Payments of each process. */
const PAYMENTS = 300

/** Longest that one process may wait for a step among eight that write, in milliseconds, of 100 steps 99. */
const GOAL_MS = 50

type Times = Readonly<Record<string, readonly number[]>>

/** Measures how long a step takes on one file ledger that several processes have open. */
export async function measureSharing({ isQuick }: { isQuick: boolean }): Promise<Figures> {
  for (const processes of [1, 2, 8]) tell(processes, await pay(processes, isQuick ? PAYMENTS / 10 : PAYMENTS))
  return {}
}

/** All begin at the same moment; the first one serves the others. */
async function pay(processes: number, payments: number): Promise<readonly Times[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-bench-'))
  try {
    const path = join(folder, 'payments.ledger')
    const started: { tell(): void; lines: AsyncIterator<string> }[] = []
    for (let process = 0; process < processes; process++) {
      const { tell, lines } = await startChild('measure-sharing', [path, `${process}`, `${payments}`])
      const iterator = lines[Symbol.asyncIterator]()
      await iterator.next()
      started.push({ tell, lines: iterator })
    }
    for (const { tell } of started) tell()
    return await Promise.all(
      started.map(async ({ lines }) => {
        const { value } = await lines.next()
        await lines.next() // its end
        return JSON.parse(value)
      }),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function tell(processes: number, [serving = {}, ...served]: readonly Times[]): void {
  const all = served.length === 0 ? [serving] : served
  for (const step of Object.keys(serving)) {
    const times = all.flatMap((one) => one[step] ?? [])
    const [middle, slowest] = [0.5, 0.99].map((part) => toQuantile(times, part).toFixed(2))
    const who = processes === 1 ? 'alone' : `served, of ${processes} processes`
    process.stdout.write(`a step of a file ledger, ${step}, ${who}: ${middle} ms, p99 ${slowest} ms (≤ ${GOAL_MS})\n`)
  }
}
