import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Counted, Ended, Order, Report, WorkerPlan } from './plan.js'
import type { Purchases } from './purchases.js'

/** The processes of a fleet. */
export type Crew = {
  readonly size: number
  /** Which worker has a purchase under way. */
  whoHas(purchase: number): number | undefined
  /** Kills one as the system does when memory runs out. What it had under way, others try again. */
  kill(worker: number): Promise<void>
  /** Starts one that was killed. */
  start(worker: number): void
  /** Holds one still, and gives what it has under way to others beside it, as a queue does whose job isn't acknowledged. */
  pause(worker: number): void
  goOn(worker: number): void
  /** Tells one at which port the engine is from now on. */
  use(worker: number, port: number): void
  /** Hands out what there is to do. */
  work(): void
  /** Reads what the ledger counts, by each worker that can, or by one of them. */
  count(by: 'each' | 'one'): Promise<readonly Counted[]>
  /** Ends all. */
  stop(): Promise<void>
}

/** What a crew is made of, and whom it tells. */
export type CrewParts = {
  /** The program of a worker. */
  readonly program: string
  readonly plans: readonly WorkerPlan[]
  readonly purchases: Purchases
  /** How a try ended, where its worker lived; `wasFrozen` tells that it took so long for no other reason. */
  onEnded(ended: Ended, wasFrozen: boolean): void
  onWarning(code: string): void
  /** That a worker ended though no one killed it; it is started again. */
  onGone(): void
  /** What is worth a line in the log. */
  log(line: string): void
}

type Worker = {
  child: ChildProcess | undefined
  isReady: boolean
  isPaused: boolean
  wasFrozen: boolean
  readonly underWay: number[]
  /** Told what it counts, or that it won't tell. */
  counting: { resolve(counted: Counted): void; reject(error: Error): void } | undefined
}

/** How many purchases a worker has under way at once. */
const AT_ONCE = 4
/** How long a purchase that failed waits for its next try. */
const RETRY_MS = 250

/** Starts the processes. They work once there is something to do. */
export function startCrew({ program, plans, purchases, onEnded, onWarning, onGone, log }: CrewParts): Crew {
  const workers = plans.map(
    (): Worker => ({
      child: undefined,
      isReady: false,
      isPaused: false,
      wasFrozen: false,
      underWay: [],
      counting: undefined,
    }),
  )
  let isStopped = false

  function start(index: number): void {
    if (isStopped) return
    const worker = find(index)
    const child = fork(program, [JSON.stringify(plans[index])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [], // not what compiles this process
    })
    worker.child = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => log(`worker ${index}: ${text}`))
    child.on('message', (report: Report) => {
      if (worker.child === child) hear(index, report)
    })
    child.once('exit', (code, signal) => {
      if (worker.child !== child) return
      log(`worker ${index} ended by itself, with ${code ?? signal}`)
      onGone()
      worker.counting?.reject(new Error(`worker ${index} ended while it read the ledger`))
      void kill(index).then(() => start(index))
    })
  }

  function hear(index: number, report: Report): void {
    const worker = find(index)
    if ('isReady' in report) worker.isReady = true
    else if ('warning' in report) onWarning(report.warning)
    else if ('opening' in report) log(`worker ${index} waits for its ledger: ${report.opening}`)
    else if ('counted' in report) worker.counting?.resolve(report.counted)
    else end(worker, report.ended)
    work()
  }

  function end(worker: Worker, ended: Ended): void {
    worker.underWay.splice(worker.underWay.indexOf(ended.purchase), 1)
    if (purchases.end(ended)) setTimeout(retry, RETRY_MS, ended.purchase)
    onEnded(ended, worker.wasFrozen)
  }

  function retry(purchase: number): void {
    purchases.retry(purchase)
    work()
  }

  function work(): void {
    if (isStopped) return
    for (const [index, { isReady, isPaused, underWay }] of workers.entries()) {
      while (isReady && !isPaused && underWay.length < AT_ONCE) {
        const purchase = purchases.take(index)
        if (purchase === undefined) break
        underWay.push(purchase)
        order(index, { ask: purchase })
      }
    }
  }

  function order(index: number, what: Order): void {
    // One that was killed a moment ago: what it had is tried again.
    find(index).child?.send(what, () => undefined)
  }

  function count(index: number): Promise<Counted> {
    return new Promise((resolve, reject) => {
      find(index).counting = { resolve, reject }
      order(index, { tellBooks: true })
    })
  }

  async function kill(index: number): Promise<void> {
    const worker = find(index)
    const { child } = worker
    worker.child = undefined
    worker.isReady = false
    if (child === undefined) return
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    for (const purchase of worker.underWay.splice(0)) purchases.retry(purchase)
    work()
  }

  function find(index: number): Worker {
    const worker = workers[index]
    if (worker === undefined) throw new Error(`no worker ${index}`)
    return worker
  }

  process.once('exit', () => {
    for (const { child } of workers) child?.kill('SIGKILL')
  })
  for (const index of plans.keys()) start(index)
  return {
    size: workers.length,
    whoHas: (purchase) => toFound(workers.findIndex(({ underWay }) => underWay.includes(purchase))),
    kill,
    start,
    pause(index) {
      const worker = find(index)
      worker.isPaused = true
      worker.wasFrozen = true
      worker.child?.kill('SIGSTOP')
      for (const purchase of worker.underWay) purchases.handOver(purchase)
      work()
    },
    goOn(index) {
      const worker = find(index)
      worker.isPaused = false
      worker.child?.kill('SIGCONT')
      work()
    },
    use: (index, port) => order(index, { use: port }),
    work,
    async count(by) {
      const able = [...workers.keys()].filter((index) => find(index).isReady && !find(index).isPaused)
      return Promise.all(able.slice(0, by === 'one' ? 1 : undefined).map(count))
    },
    async stop() {
      isStopped = true
      await Promise.all(workers.map((_, index) => kill(index)))
    },
  }
}

function toFound(index: number): number | undefined {
  return index === -1 ? undefined : index
}
