import { describeForPerson, isX402Error, x402Client } from 'pay402'
import { ExactEvmScheme, fromEip1193 } from 'pay402/evm'
import { type PaidFetch, paymentOf, wrapFetchWithPayment } from 'pay402/fetch'
import { createBrowserLedger } from 'pay402/ledger/browser'
import type { Address, EIP1193Provider } from 'viem'
import type {} from 'viem/window'

/** One thing for sale: a card of the page, and what it has to say. */
type Item = { card: HTMLElement; url: string; button: HTMLButtonElement; price: HTMLElement; outcome: HTMLElement }

/** Who pays, and how. */
type Till = { client: x402Client; paidFetch: PaidFetch }

/** What came of a call; of a payment that was made, with the facts of its receipt. */
type Shown = {
  kind: 'paid' | 'limit' | 'refused' | 'lost'
  title: string
  text: string
  facts?: Record<string, string>
}

/** What a visit finds that an earlier one paid for. */
const LOST_BEFORE: Shown = {
  kind: 'lost',
  title: 'Perhaps paid',
  text: 'Your payment was sent, and the reply got lost. “Ask again” sends the same payment, so you are not charged twice.',
}

const seller = find<HTMLMetaElement>('meta[name=seller]').content
const items = [...document.querySelectorAll<HTMLElement>('.item')].map(toItem)
const wallet = window.ethereum
/** The account that is connected. */
let buyer: Address | undefined

try {
  await openShop()
} catch (error) {
  notify(describeForPerson(error))
}

/** Prices need no wallet, and it is asked who it is only when the person wants that. */
async function openShop(): Promise<void> {
  // The ledger is in the browser's profile: a reload forgets nothing, and all tabs share one budget.
  const ledger = await createBrowserLedger()
  const client = new x402Client({ ledger, limits: { perPayment: '$1', perDay: '$5' } })
  const paidFetch = wrapFetchWithPayment(fetch, client)
  await showBudget(client)
  for (const item of items) void showPrice(item, paidFetch)

  if (wallet === undefined) return notify('There is no wallet in this browser. Install one to buy something here.')
  const [known] = await wallet.request({ method: 'eth_accounts' })
  if (known !== undefined) return sell({ client, paidFetch }, wallet, known)
  const connect = find<HTMLButtonElement>('#connect')
  connect.hidden = false
  connect.onclick = async () => {
    try {
      const [account] = await wallet.request({ method: 'eth_requestAccounts' })
      if (account === undefined) return
      connect.hidden = true
      await sell({ client, paidFetch }, wallet, account)
    } catch {
      notify('The wallet was not connected. You can try again.')
    }
  }
}

async function sell({ client, paidFetch }: Till, wallet: EIP1193Provider, account: Address): Promise<void> {
  find('#account').hidden = false
  find('#account code').textContent = shorten(account)
  client.register('eip155:*', new ExactEvmScheme(await fromEip1193(wallet, { address: account })))
  buyer = account
  tellProgress(client)
  for (const item of items) {
    item.button.onclick = async () => {
      if (item.button.ariaDisabled === 'true') return
      await buy(item, { client, paidFetch })
    }
  }
  // What an earlier visit paid for and never got.
  const lost = await client.payments({ delivery: 'lost' })
  const reopen = async (item: Item) => {
    await showPrice(item, paidFetch)
    const isLost = lost.some(({ resource }) => resource === toResource(item))
    if (isLost && item.card.dataset['kind'] !== 'busy') showLost(item, LOST_BEFORE, { client, paidFetch })
  }
  await Promise.all(items.map(reopen))
}

/** Asks what it costs, and whether the limits would allow it. Pays nothing. */
async function showPrice(item: Item, paidFetch: PaidFetch): Promise<void> {
  const asker = buyer
  try {
    const { offers, taken, cost, refusal } = await paidFetch.quote(item.url)
    if (asker !== buyer) return // a wallet was connected meanwhile, and it is asked for again
    const dollars = (taken ?? offers[0])?.dollars
    item.price.textContent = dollars ?? 'This is not for sale in dollars.'
    if (dollars === undefined) return
    item.card.dataset['priced'] = ''
    item.button.ariaDisabled = String(cost !== 'payable')
    item.button.textContent = buyer === undefined ? 'Connect to buy' : `Buy for ${dollars}`
    if (refusal?.name === 'LimitError') show(item, toOutcome(refusal), 'Over your limit')
  } catch {
    item.price.textContent = 'The shop does not answer.'
  }
}

async function buy(item: Item, till: Till): Promise<void> {
  progress(item, 'Asking the shop …')
  try {
    const receipt = await toReceipt(await till.paidFetch(item.url), item)
    show(item, receipt, receipt.kind === 'paid' ? `Buy again for ${item.price.textContent}` : 'Try again')
  } catch (error) {
    const told = toOutcome(error)
    if (told.kind === 'lost') showLost(item, told, till)
    else show(item, told, told.kind === 'limit' ? 'Over your limit' : 'Try again')
  }
  await showBudget(till.client)
}

/** Two ways out: the same payment again, or a second one, for the price that the button names. */
function showLost(item: Item, told: Shown, till: Till): void {
  const price = item.price.textContent
  show(item, told, 'Ask again')
  const second = create('button', `Pay a second time, ${price}`, 'second')
  second.onclick = async () => {
    // Gives up on the answer, not on the money: the first payment goes on counting against the budget.
    try {
      const lost = await till.client.payments({ delivery: 'lost' })
      for (const { id, resource } of lost) if (resource === toResource(item)) await till.client.forget(id)
    } catch (error) {
      return show(item, toOutcome(error), 'Try again')
    }
    await buy(item, till)
  }
  if (item.card.dataset['priced'] === undefined) return
  item.outcome.append(
    second,
    create('p', 'Only if asking again does not help: the first payment may be taken as well.', 'small'),
  )
}

/** The sentence is pay402's; the title and the color are the shop's. */
function toOutcome(error: unknown): Shown {
  const text = describeForPerson(error)
  if (!isX402Error(error)) return { kind: 'refused', title: 'Not bought', text }
  if (error.money === 'settled') return { kind: 'lost', title: 'Paid, not delivered', text }
  if (error.money === 'in-doubt' || error.code === 'PAID_PERHAPS') return { kind: 'lost', title: 'Perhaps paid', text }
  if (error.name === 'LimitError') return { kind: 'limit', title: 'Over your limit', text }
  return { kind: 'refused', title: error.code === 'SIGNING_REJECTED' ? 'You said no' : 'Not bought', text }
}

async function toReceipt(answer: Response, item: Item): Promise<Shown> {
  const text = await answer.text()
  const payment = paymentOf(answer)
  if (!answer.ok) return { kind: 'refused', title: 'The shop could not deliver', text }
  const facts = {
    Price: item.price.textContent ?? '',
    'Paid to': shorten(payment?.terms?.payTo ?? 'not named'),
    Transaction: shorten(payment?.transaction ?? 'not named'),
    Money: payment?.money ?? 'untouched',
  }
  return { kind: 'paid', title: 'Paid', text: JSON.parse(text).text, facts }
}

/** Tells of each step as it happens. */
function tellProgress(client: x402Client): void {
  const sent = new Set<string>()
  client.on('payment', (event) => {
    if (event.type === 'reserved') progressOf(event.terms.resource, 'Confirm in your wallet …')
    if (event.type !== 'sent') return
    const isAgain = sent.has(event.payment)
    sent.add(event.payment)
    progressOf(event.resource, isAgain ? 'No answer. Presenting the same payment again …' : 'Paying …')
  })
}

function progressOf(resource: string, text: string): void {
  const item = items.find((one) => toResource(one) === resource)
  if (item !== undefined) progress(item, text)
}

function progress(item: Item, text: string): void {
  item.card.dataset['kind'] = 'busy'
  // Not disabled: the keyboard's focus stays where it is.
  item.button.ariaDisabled = 'true'
  item.outcome.replaceChildren(create('p', text, 'step'))
}

function show(item: Item, { kind, title, text, facts = {} }: Shown, label: string): void {
  item.card.dataset['kind'] = kind
  item.button.ariaDisabled = String(kind === 'limit')
  item.button.textContent = label
  const list = create('dl')
  for (const [name, value] of Object.entries(facts)) list.append(create('dt', name), create('dd', value))
  item.outcome.replaceChildren(create('h3', title), create('p', text), ...(list.children.length > 0 ? [list] : []))
}

async function showBudget(client: x402Client): Promise<void> {
  const perDay = (await client.spending()).find(({ limit }) => limit === 'perDay')
  if (perDay === undefined) return
  const { spent, held, allowed } = perDay
  const share = (dollars: string) => `${(toNumber(dollars) / toNumber(allowed)) * 100}%`
  find('#spent').textContent = spent
  find('#allowed').textContent = allowed
  find('#held').textContent = toNumber(held) > 0 ? `, ${held} on its way` : ''
  find('#bar-spent').style.width = share(spent)
  find('#bar-held').style.width = share(held)
}

function toItem(card: HTMLElement): Item {
  const within = <E extends HTMLElement>(selector: string) => find<E>(selector, card)
  // What goes through the relay is at the page's own origin.
  const url = new URL(card.dataset['path'] ?? '', card.dataset['relay'] === undefined ? seller : location.origin).href
  return { card, url, button: within('.buy'), price: within('.price'), outcome: within('.outcome') }
}

/** As payments and events name it. */
function toResource({ url }: Item): string {
  return `GET ${url}`
}

function notify(text: string): void {
  find('#notice').hidden = false
  find('#notice').textContent = text
}

function shorten(text: string): string {
  return text.length > 16 ? `${text.slice(0, 8)}…${text.slice(-6)}` : text
}

/** For the width of a bar; amounts themselves are never numbers. */
function toNumber(dollars: string): number {
  return Number(dollars.replace('$', ''))
}

function create(name: string, text = '', className = ''): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  element.className = className
  return element
}

function find<E extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector)
  if (found === null) throw new Error(`The page has no ${selector}.`)
  return found
}
