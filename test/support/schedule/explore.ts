import { createDice } from '../../../src/testing/chance.js'
import { type Move, openStage, type Scene, type Stage } from './stage.js'
import { countPaths, type Node } from './states.js'

/** What was found by telling the stories of a scene. */
export type Explored = {
  /** In how many orders the steps can be taken, with all that may go wrong; `undefined` where not all were told. */
  readonly schedules: bigint | undefined
  /** How many stories were told to see what becomes of each order. */
  readonly told: number
  /** In how many states they were, those in which they ended included, and how many moves lead from one to another. */
  readonly states: number
  readonly moves: number
  /** The states in which they ended. */
  readonly ends: ReadonlySet<string>
  /** How calls ended. */
  readonly endings: ReadonlySet<string>
  /** What was broken first, and by which moves; nothing more is told then. */
  readonly broken: { readonly findings: readonly string[]; readonly path: readonly string[] } | undefined
}

/** A story that is to be told: it takes these moves, and then always the first. */
type Plan = { readonly path: readonly number[]; readonly from: string | undefined }

/**
 * Tells the stories of a scene: each order of its steps, with each thing that may go wrong.
 *
 * Stories that come to the same state go on alike, so only the first that comes to it goes on: what a call does next is decided by the replies
 * that its client has seen, and what becomes of it by the ledger and the seller, and all of that is in the state. From each state each move is made
 * once. For how many orders that stands is counted along the moves.
 *
 * Nothing is stored of a story but its moves: the next one begins anew, takes the same moves, and then another one. If it isn't in the same state by
 * then, something that decides how stories go on is missing in the state, and that is an error.
 *
 * @param options - See {@link explore.Options}.
 */
export async function explore(scene: Scene, options: explore.Options = {}): Promise<Explored> {
  const { isWhole = false, most = Number.POSITIVE_INFINITY } = options
  const nodes = new Map<string, Node>()
  const ends = new Set<string>()
  const endings = new Set<string>()
  const plans: Plan[] = [{ path: [], from: undefined }]
  const dice = createDice(402)
  let told = 0
  let start = ''
  let broken: Explored['broken']

  /** Remembers a state; and that its other moves are to be made. Returns whether it was there before. */
  function visit(state: string, count: number, path: readonly number[]): boolean {
    const isKnown = nodes.has(state)
    if (isKnown && !isWhole) return true
    if (!isKnown) nodes.set(state, { moves: count, next: [] })
    for (let move = count - 1; move > 0; move--) plans.push({ path: [...path, move], from: state })
    return false
  }

  /** Makes a move, and names it. */
  async function step(stage: Stage, place: number, names: string[]): Promise<void> {
    const move = stage.moves()[place]
    if (move === undefined) throw new Error('a story told twice went otherwise')
    names.push(toName(move, stage))
    await stage.take(move)
  }

  /** Makes the moves that are planned; nothing is new before the last of them. */
  async function begin(stage: Stage, { path, from }: Plan, names: string[]): Promise<string> {
    for (const place of path.slice(0, -1)) await step(stage, place, names)
    const state = stage.state()
    if (from === undefined) {
      start = state
      visit(state, stage.moves().length, [])
    } else if (state !== from) throw new Error('a story told twice went otherwise')
    return state
  }

  /** Goes on until all has been told before, something is broken, or the story ends. */
  async function goOn(stage: Stage, from: string, planned: readonly number[], names: string[]): Promise<void> {
    const path = planned.slice(0, -1)
    let state = from
    for (let place = planned.at(-1) ?? 0; stage.moves().length > 0; place = 0) {
      await step(stage, place, names)
      path.push(place)
      if (stage.findings().length > 0) return
      const before = nodes.get(state)
      state = stage.state()
      if (before !== undefined) before.next[place] = state
      if (visit(state, stage.moves().length, path)) return
    }
    ends.add(state)
    const found = await stage.recover()
    if (found.length > 0) broken = { findings: found, path: names }
  }

  /** Where not all are told, some from everywhere are. */
  function nextPlan(): Plan | undefined {
    if (broken !== undefined || told >= most) return undefined
    return most < Number.POSITIVE_INFINITY ? plans.splice(dice(Math.max(1, plans.length)), 1)[0] : plans.pop()
  }

  for (let plan = nextPlan(); plan !== undefined; plan = nextPlan()) {
    told += 1
    const names: string[] = []
    const stage = await openStage(scene)
    await goOn(stage, await begin(stage, plan, names), plan.path, names)
    const findings = stage.findings()
    if (findings.length > 0) broken = { findings, path: names }
    for (const ending of stage.endings()) endings.add(ending)
    stage.close()
  }
  const moves = [...nodes.values()].reduce((sum, node) => sum + node.moves, 0)
  const isComplete = broken === undefined && plans.length === 0
  const schedules = isComplete ? countPaths(nodes, start) : undefined
  return { schedules, told, states: nodes.size, moves, ends, endings, broken }
}

export declare namespace explore {
  type Options = {
    /** Tells each story to its end, whatever state it comes to. @default false */
    isWhole?: boolean
    /** Tells no more than so many of them. @default all */
    most?: number
  }
}

function toName(move: Move, stage: Stage): string {
  return move.kind === 'crash' ? `crash ${move.process}` : `${move.client} ${move.kind} ${stage.describe(move)}`
}
