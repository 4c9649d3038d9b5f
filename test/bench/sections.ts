import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { budget } from '../support/counts/budget.js'
import { readPaidCallCounts } from '../support/counts/paid-call-counts.js'
import { compilePrograms, type Program } from '../support/counts/programs.js'
import { writeCompacted } from '../support/ledger/write-ledger.js'
import { measureDownload } from './download.js'
import { type Figures, toMedian, toQuantile } from './figures.js'
import { measureFirstLoad } from './first-load.js'
import { measureOpening } from './opening.js'
import { measureSharing } from './sharing.js'
import { writeColumns } from './table.js'

/** Measures some lines of the table; what isn't in the table, a section prints itself. */
export type Section = (options: { isQuick: boolean }) => Promise<Figures>

const sources = {
  allocated: new URL('./programs/allocated.ts', import.meta.url),
  'few-payments': new URL('./programs/few-payments.ts', import.meta.url),
  'file-ledger': new URL('./programs/file-ledger.ts', import.meta.url),
  'file-million': new URL('./programs/file-million.ts', import.meta.url),
  fleet: new URL('./programs/fleet.ts', import.meta.url),
  'fleet-million': new URL('./programs/fleet-million.ts', import.meta.url),
  fresh: new URL('./programs/fresh.ts', import.meta.url),
  hot: new URL('./programs/hot.ts', import.meta.url),
  'in-flight': new URL('./programs/in-flight.ts', import.meta.url),
  'memory-ledger': new URL('./programs/memory-ledger.ts', import.meta.url),
  offers: new URL('./programs/offers.ts', import.meta.url),
  phases: new URL('./programs/phases.ts', import.meta.url),
  'seller-process': new URL('./programs/seller-process.ts', import.meta.url),
  solana: new URL('./programs/solana.ts', import.meta.url),
  'solana-node': new URL('./programs/solana-node.mjs', import.meta.url),
  trip: new URL('./programs/trip.ts', import.meta.url),
  whole: new URL('./programs/whole.ts', import.meta.url),
}

/** All sections by the names that `npm run bench -- <names>` takes, in the order in which they run. */
export async function openSections(): Promise<Record<string, Section>> {
  const programs = await compilePrograms(sources, 'bench')
  const seller = programs['seller-process'].path
  const run =
    (name: keyof typeof sources, parameters: readonly string[] = [], nodeOptions: readonly string[] = []): Section =>
    ({ isQuick }) =>
      programs[name].run([...parameters, ...(isQuick ? ['--quick'] : [])], nodeOptions)
  return {
    counts: printCounts,
    hot: run('hot'),
    phases: run('phases'),
    whole: run('whole', [seller]),
    trip: run('trip', [seller]),
    allocated: run('allocated', [], ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']),
    fresh: ({ isQuick }) => measureFresh((name) => programs.fresh.run([name]), isQuick ? 4 : 11),
    'in-flight': run('in-flight', [seller]),
    'memory-ledger': run(
      'memory-ledger',
      [programs['few-payments'].path],
      ['--expose-gc', '--max-old-space-size=8192'],
    ),
    'file-ledger': run('file-ledger'),
    'first-load': measureFirstLoad,
    offers: run('offers'),
    solana: run('solana', [programs['solana-node'].path]),
    'file-million': ({ isQuick }) => measureMillionInFile(programs['file-million'], isQuick ? 100_000 : 1_000_000),
    fleet: async (options) => ({
      ...(await run('fleet')(options)),
      ...(await run('fleet-million')(options)),
      ...(await measureSharing(options)),
    }),
    opening: measureOpening,
    sharing: measureSharing,
    download: measureDownload,
  }
}

async function printCounts(): Promise<Figures> {
  const { ours, official, floor } = await readPaidCallCounts('bench-counts')
  const rows = budget.map(({ what, most, goal }) =>
    [what, ours[what], official[what], floor[what], `≤ ${most}`, `≤ ${goal}`].map(String),
  )
  const head = ['a paid call does', 'now', '`@x402` 2.27', 'two bare requests', 'held by a test', 'goal']
  process.stdout.write(`${writeColumns([head, ...rows])}\n\n`)
  return {}
}

/** Written by this process, so that the one which opens it holds nothing of the writing. */
async function measureMillionInFile(program: Program, payments: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-bench-'))
  try {
    const path = join(folder, 'payments.ledger')
    await writeCompacted(path, payments)
    return await program.run([path, String(payments)], ['--expose-gc', '--max-old-space-size=8192'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Microseconds of the first call of a process, of each of the next 50, and what processor time those took. */
type Times = { readonly first: number; readonly later: number; readonly laterCpu: number }

/** Calls 2 to 51, each time in a process of its own. */
async function measureFresh(run: (buyer: string) => Promise<Times>, processes: number): Promise<Figures> {
  const times = { ours: [], oursAgain: [], official: [] } as Record<string, Times[]>
  for (let process = 0; process < processes; process++) {
    for (const name of ['ours', 'official', 'oursAgain']) times[name]?.push(await run(name.replace('Again', '')))
  }
  const later = (name: string) => (times[name] ?? []).map((time) => time.later)
  const cpu = (name: string) => toMedian((times[name] ?? []).map((time) => time.laterCpu))
  const first = (name: string) => (toMedian((times[name] ?? []).map((time) => time.first)) / 1000).toFixed(1)
  const official = toMedian(later('official'))
  return {
    fresh: {
      now: toMedian(later('ours')) / official,
      quartiles: [toQuantile(later('ours'), 0.25) / official, toQuantile(later('ours'), 0.75) / official],
      again: toMedian(later('oursAgain')) / toMedian(later('ours')),
      note: `${toMedian(later('ours')).toFixed(0)} µs, official ${official.toFixed(0)}; of CPU ${(cpu('ours') / cpu('official')).toFixed(2)}; the first ${first('ours')} ms, official ${first('official')}`,
    },
  }
}
