/** What was measured for one row of the table. */
export type Figure = {
  /** pay402's, in the row's unit. */
  now: number
  /** The official client's, where it isn't 1 by definition. */
  official?: number
  /** Between which half of the turns were. */
  quartiles?: readonly [number, number]
  /** The same against the same: how far from 1 a ratio is by chance. */
  again?: number
  /** What else was seen, such as the times behind a ratio. */
  note?: string
}

/** Figures by the id of their row. */
export type Figures = Readonly<Record<string, Figure>>

/** What lies at a part of the way from the least to the most: 0.1 is what no neighbor disturbed, 0.5 the median. */
export function toQuantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export function toMedian(values: readonly number[]): number {
  return toQuantile(values, 0.5)
}

/** The ratio of two figures turn by turn, so that a machine that changes its pace changes both. */
export function toRatio(
  ones: readonly number[],
  others: readonly number[],
): Pick<Figure, 'now'> & Required<Pick<Figure, 'quartiles'>> {
  const ratios = ones.map((one, turn) => one / (others[turn] ?? Number.NaN))
  return { now: toMedian(ratios), quartiles: [toQuantile(ratios, 0.25), toQuantile(ratios, 0.75)] }
}

/** Measures each case once a turn, in another order each time: what follows a case pays for some of its garbage. */
export async function interleave<Name extends string>(
  cases: Readonly<Record<Name, () => Promise<number>>>,
  turns: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(cases) as Name[]
  const figures = Object.fromEntries(names.map((name): [string, number[]] => [name, []])) as Record<Name, number[]>
  for (let turn = 0; turn < turns; turn++) {
    for (const name of shuffle(names)) figures[name].push(await cases[name]())
  }
  return figures
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

/** Processor time of this process that some work takes, in microseconds: of all its threads, so garbage collection too. */
export async function measureCpu(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return user + system
}

/** How long some work takes, in microseconds. */
export async function measureTime(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) * 1000
}

/** Does something so many times, one after the other. */
export async function repeat(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time++) await work()
}

/** Does something so many times, a number of them at once. */
export async function repeatAtOnce(times: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let started = 0
  const lane = async () => {
    while (started++ < times) await work()
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

/** Hands figures to the bench that started this program. */
export function tellFigures(figures: Figures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}

/** Whether this program was told to be quick. */
export function isQuick(): boolean {
  return process.argv.includes('--quick')
}

/** Collects all garbage, where the program was started with `--expose-gc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc')
  globalThis.gc()
}
