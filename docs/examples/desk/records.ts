import type { Decision, Proposal, Spending } from 'pay402/desk'
import type { Board } from './board.js'
import { priceOf } from './card.js'
import { create, createButton, createForeign, createTime } from './elements.js'

type TakeBack = (proposal: Proposal) => Promise<void>

/** Makes the list of what was decided, by whom and why, and of what no one decided in time. The newest is first. */
export function createRecords(
  { decisions, past, waiting, nowSeconds }: Pick<Board, 'decisions' | 'past' | 'waiting' | 'nowSeconds'>,
  takeBack: TakeBack,
): HTMLElement[] {
  const proposals = new Map([...past, ...waiting].map((proposal) => [proposal.id, proposal]))
  const told = new Set<string>()
  const records = decisions.map((decision, index) => {
    const proposal = proposals.get(decision.proposal ?? '')
    // What became of it is said once, at its last decision.
    const isLast = proposal !== undefined && !told.has(proposal.id)
    if (proposal !== undefined) told.add(proposal.id)
    const wasYes = decisions.slice(index + 1).find((one) => one.proposal === decision.proposal)?.type === 'approved'
    const verb = decision.type === 'denied' && wasYes ? 'took the yes back' : VERBS[decision.type]
    const element = createRecord(decision, verb, proposal, nowSeconds)
    if (isLast && decision.type === 'approved') element.append(...createFate(proposal, takeBack))
    return { at: decision.atSeconds, element }
  })
  const expired = past
    .filter(({ state, by }) => state === 'expired' && by === undefined)
    .map((proposal) => ({ at: proposal.expiresAtSeconds, element: createExpired(proposal, nowSeconds) }))
  return [...records, ...expired].sort((one, other) => other.at - one.at).map(({ element }) => element)
}

/** Makes the list of what limits allow, and what is left of each. */
export function createSpending(spending: readonly Spending[]): HTMLElement[] {
  return spending.map(({ limit, scope, spent, held, allowed }) => {
    const whose = Object.values(scope).filter((value) => typeof value === 'string')
    const isHeld = toNumber(held) > 0
    const bar = create('span', [toShare('spent', spent, allowed), toShare('held', held, allowed)], 'bar')
    bar.ariaHidden = 'true'
    return create('li', [
      create('span', [toWords(limit), ...whose.map((value) => createForeign(` ${value}`))], 'name'),
      create('span', [create('strong', spent), ` of ${allowed}${isHeld ? `, ${held} on its way` : ''}`], 'sums'),
      bar,
    ])
  })
}

const VERBS: Readonly<Record<Decision['type'], string>> = {
  approved: 'said yes',
  denied: 'said no',
  frozen: 'froze all payments',
  thawed: 'let payments go on',
  limits: 'changed the limits',
}

function createRecord(
  { by, reason, type, atSeconds }: Decision,
  verb: string,
  proposal: Proposal | undefined,
  nowSeconds: number,
): HTMLElement {
  const who = create(
    'p',
    [create('strong', [createForeign(by)]), ` ${verb} `, createTime(atSeconds, nowSeconds)],
    'who',
  )
  const element = create('li', [
    who,
    ...(proposal === undefined ? [] : [createSubject(proposal)]),
    ...(reason === undefined ? [] : [create('p', ['“', createForeign(reason), '”'], 'reason')]),
  ])
  element.dataset['type'] = type
  return element
}

function createExpired(proposal: Proposal, nowSeconds: number): HTMLElement {
  const when = createTime(proposal.expiresAtSeconds, nowSeconds)
  const element = create('li', [
    create('p', [create('strong', 'No one'), ' decided in time ', when], 'who'),
    createSubject(proposal),
  ])
  element.dataset['type'] = 'expired'
  return element
}

function createSubject(proposal: Proposal): HTMLElement {
  const { resource, space } = proposal
  const asker = space === undefined ? [] : [', asked by ', createForeign(space)]
  return create('p', [priceOf(proposal), ...asker, create('code', [createForeign(resource)])], 'subject')
}

function createFate(proposal: Proposal, takeBack: TakeBack): HTMLElement[] {
  const { state } = proposal
  if (state === 'used') return [create('p', 'Paid', 'fate paid')]
  if (state === 'expired') return [create('p', 'Expired, and not paid', 'fate')]
  if (state !== 'approved') return []
  const button = createButton('Take the yes back', 'quiet small', () => takeBack(proposal))
  return [create('p', 'Not paid yet', 'fate'), button]
}

/** For the width of a bar; amounts themselves are never numbers. */
function toNumber(amount: string): number {
  return Number.parseFloat(amount.replace(/[$,]/g, ''))
}

function toShare(className: string, part: string, whole: string): HTMLElement {
  const share = create('span', '', className)
  const percent = Math.min(100, (toNumber(part) / toNumber(whole)) * 100)
  share.style.width = `${Number.isFinite(percent) ? percent : 0}%`
  return share
}

/** `perDay` as a person says it. */
function toWords(option: string): string {
  const words = option.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
