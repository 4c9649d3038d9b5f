import type { Proposal } from 'pay402/desk'
import type { Board, Outcome, Wish } from './board.js'
import { type Card, createCard, priceOf } from './card.js'
import { create, createButton, createForeign, createTime, find } from './elements.js'
import { createRecords, createSpending } from './records.js'

/** How often the page asks for news while someone looks at it. */
const PAUSE_MS = 1000

/** How long a line is shown: long enough to read the longest one twice. */
const NOTICE_MS = 12_000

type Wanted = Wish extends infer Each ? (Each extends Wish ? Omit<Each, 'as'> : never) : never

const cards = new Map<string, Card>()
let board: Board | undefined
/** Counts decisions made here: a board that was asked for before the last one is old. */
let decided = 0
/** What the lists below show, so that they are made again only when that changes. */
let shown = ''
/** As the last board said. */
let isFrozen: boolean | undefined
let clearing: ReturnType<typeof setTimeout> | undefined

find('#freeze').onclick = async () => {
  if (find('#freeze').ariaDisabled === 'true') return
  const text =
    'No client of this ledger signs or sends a payment until someone thaws. What left already may still be taken.'
  const reason = await ask('Freeze all payments?', text, 'Freeze', 'danger')
  if (reason === undefined) return
  say((await decide({ want: 'freeze', reason })).told)
  find('#thaw').focus()
}
find('#thaw').onclick = async () => {
  const reason = await ask('Let payments go on?', 'Clients may pay again, within their limits.', 'Let them go on')
  if (reason === undefined) return
  say((await decide({ want: 'thaw', reason })).told)
  find('#freeze').focus()
}
document.addEventListener('visibilitychange', () => void refresh())
await watch()

/** Asks for news for as long as the page is open. */
async function watch(): Promise<void> {
  if (!document.hidden) await refresh()
  setTimeout(() => void watch(), PAUSE_MS)
}

async function refresh(): Promise<void> {
  const before = decided
  try {
    const response = await fetch('/board')
    if (!response.ok) return lose(await response.text())
    const news: Board = await response.json()
    if (before !== decided) return
    board = news
    find('#lost').hidden = true
    show(news)
  } catch {
    lose('The desk doesn’t answer. What you see may be old.')
  }
}

/** Says that this page knows nothing any more. */
function lose(text: string): void {
  find('#lost').hidden = false
  find('#lost').textContent = text
}

async function decide(wanted: Wanted): Promise<Outcome> {
  const outcome = await send({ ...wanted, as: board?.you ?? '' })
  decided++
  await refresh()
  return outcome
}

async function send(wish: Wish): Promise<Outcome> {
  try {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch('/decide', { method: 'POST', headers, body: JSON.stringify(wish) })
    if (response.ok || response.status === 409) return await response.json()
    return { isDone: false, told: await response.text() }
  } catch {
    return { isDone: false, told: 'The desk doesn’t answer. Once it does, you see here whether it was decided.' }
  }
}

function show(news: Board): void {
  const before = topOfCards()
  const { you, frozen, waiting, spending, decisions, past } = news
  find('#you').replaceChildren(createForeign(you))
  find('#freeze').ariaDisabled = 'false'
  find('#freeze').hidden = frozen !== undefined
  if (frozen !== undefined && isFrozen === false && frozen.by !== you)
    say(`${frozen.by ?? 'Someone'} froze all payments.`)
  isFrozen = frozen !== undefined
  find('#frozen').hidden = !isFrozen
  showWaiting(news)
  document.title = waiting.length === 0 ? 'The desk' : `(${waiting.length}) The desk`

  const now = JSON.stringify([frozen, spending, decisions, past, waiting.map(({ id }) => id)])
  if (now !== shown) showRest(news)
  shown = now
  // What comes up above the cards moves none of them under someone's finger.
  scrollBy(0, topOfCards() - before)
}

function showRest(news: Board): void {
  const { frozen, nowSeconds, spending } = news
  if (frozen !== undefined) {
    const { by = 'someone', reason, atSeconds } = frozen
    const when = atSeconds === undefined ? [] : [' at ', createTime(atSeconds, nowSeconds)]
    const why = reason === undefined ? [] : [': “', createForeign(reason), '”']
    const text = ['Frozen by ', create('strong', [createForeign(by)]), ...when, ...why]
    const rest = '. Nothing is paid until someone thaws; a yes is kept until then.'
    find('#frozen-text').replaceChildren(...text, rest)
  }
  const records = createRecords(news, takeBack)
  find('#decided').replaceChildren(...records)
  find('#nothing-decided').hidden = records.length > 0
  find('#spending').replaceChildren(...createSpending(spending))
  find('#no-limits').hidden = spending.length > 0
}

function showWaiting(news: Board): void {
  endCards(news)
  for (const proposal of news.waiting) {
    const known = cards.get(proposal.id)
    if (known?.isOver === false) {
      known.age(news.nowSeconds)
      continue
    }
    // One that was decided, expired, and is proposed again has the same id.
    known?.element.remove()
    addCard(proposal).age(news.nowSeconds)
    if (shown !== '') say(`${describe(proposal)} waits for a decision.`)
  }
  find('#waiting-title').replaceChildren('Waits for you ', create('span', String(news.waiting.length), 'count'))
  find('#nothing').hidden = find('#waiting').childElementCount > 0
}

/** Says on each card that waits no more what became of it, unless this page is just deciding it. */
function endCards({ waiting, past, you }: Board): void {
  const ids = new Set(waiting.map(({ id }) => id))
  for (const [id, card] of cards) {
    if (!card.element.isConnected) cards.delete(id)
    if (card.isBusy || card.isOver || ids.has(id)) continue
    const proposal = past.find((one) => one.id === id)
    const told = sayEnding(proposal, you)
    card.end(told, 'late')
    say(proposal === undefined ? told : `${describe(proposal)}: ${told}`)
  }
}

function describe(proposal: Proposal): string {
  return `${priceOf(proposal)} at ${proposal.host ?? 'an unknown seller'}`
}

function addCard(proposal: Proposal): Card {
  const { id } = proposal
  const card = createCard(proposal, async (want, reason) => {
    const { isDone, told } = await decide({ want, proposal: id, seen: 'pending', reason })
    const isWaiting = board?.waiting.some((one) => one.id === id) === true
    if (isDone) card.end(told, want === 'approve' ? 'yes' : 'no')
    else if (isWaiting) card.note(told)
    else card.end(told, 'late')
  })
  cards.set(id, card)
  find('#waiting').append(card.element)
  return card
}

function sayEnding(proposal: Proposal | undefined, you: string): string {
  const { state, by, reason } = proposal ?? {}
  if (state === 'expired' && by === undefined) return 'It expired before anyone decided.'
  if (by === undefined) return 'It is over.'
  const who = by === you ? 'You, in another tab,' : by
  const why = reason === undefined ? '.' : `: “${reason}”`
  return `${who} said ${state === 'denied' ? 'no' : 'yes'}${why}`
}

async function takeBack(proposal: Proposal): Promise<void> {
  const text = `${describe(proposal)} isn’t paid then, unless the call comes first.`
  const reason = await ask('Take the yes back?', text, 'Take it back')
  if (reason === undefined) return
  say((await decide({ want: 'deny', proposal: proposal.id, seen: 'approved', reason })).told)
  find('#decided-title').focus()
}

/** Asks whether someone means it, in a dialog of the browser's own. Returns the reason; `undefined` for a no. */
function ask(title: string, text: string, yes: string, kind = ''): Promise<string | undefined> {
  const dialog = find<HTMLDialogElement>('#ask')
  const input = find<HTMLInputElement>('#ask-reason')
  find('#ask-title').replaceChildren(title)
  find('#ask-text').replaceChildren(createForeign(text))
  find('#ask-choice').replaceChildren(
    createButton(yes, kind, () => dialog.close('yes')),
    createButton('Cancel', 'quiet', () => dialog.close('no')),
  )
  input.value = ''
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === 'yes' ? input.value : undefined)
  })
}

/** Shows a line for a while, which screen readers read out. */
function say(text: string): void {
  clearTimeout(clearing)
  find('#notice').replaceChildren(createForeign(text))
  clearing = setTimeout(() => find('#notice').replaceChildren(), NOTICE_MS)
}

function topOfCards(): number {
  return find('#waiting').getBoundingClientRect().top
}
