import { isX402Error, x402Client } from 'pay402'
import { ExactEvmScheme, fromEip1193 } from 'pay402/evm'
import { type PaidFetch, paymentOf, wrapFetchWithPayment } from 'pay402/fetch'
import { createBrowserLedger } from 'pay402/ledger/browser'
import type { Address, EIP1193Provider } from 'viem'
import type {} from 'viem/window'

/** One thing for sale: a card of the page, and what it has to say. */
type Item = { card: HTMLElement; url: string; button: HTMLButtonElement; price: HTMLElement; outcome: HTMLElement }

/** What came of a call, in words for the person who made it. */
type Told = { kind: 'paid' | 'limit' | 'refused' | 'lost'; title: string; text: string; facts?: Record<string, string> }

const LOST: Told = {
  kind: 'lost',
  title: 'The answer got lost',
  text: 'Your payment was sent. “Try again” presents the same payment, so you are not charged twice.',
}

const seller = find<HTMLMetaElement>('meta[name=seller]').content
const items = [...document.querySelectorAll<HTMLElement>('.item')].map(toItem)
const wallet = window.ethereum

try {
  await openShop()
} catch (error) {
  notify(isX402Error(error) ? error.shortMessage : String(error))
}

/** The wallet is asked who it is only when the person wants that. */
async function openShop(): Promise<void> {
  if (wallet === undefined) return notify('There is no wallet in this browser. Install one to buy something here.')
  const [known] = await wallet.request({ method: 'eth_accounts' })
  if (known !== undefined) return sell(wallet, known)
  const connect = find<HTMLButtonElement>('#connect')
  connect.hidden = false
  connect.onclick = async () => {
    const [account] = await wallet.request({ method: 'eth_requestAccounts' })
    if (account === undefined) return
    connect.hidden = true
    await sell(wallet, account)
  }
}

async function sell(wallet: EIP1193Provider, account: Address): Promise<void> {
  find('#account').hidden = false
  find('#account code').textContent = shorten(account)

  // The ledger is in the browser's profile: a reload forgets nothing, and all tabs share one budget.
  const ledger = await createBrowserLedger()
  const signer = await fromEip1193(wallet, { address: account })
  const client = new x402Client({ ledger, limits: { perPayment: '$1', perDay: '$5' } })
  client.register('eip155:*', new ExactEvmScheme(signer))
  const paidFetch = wrapFetchWithPayment(fetch, client)

  tellProgress(client)
  await showBudget(client)
  // What an earlier visit paid for and never got.
  const lost = new Set((await client.payments({ delivery: 'lost' })).map(({ resource }) => resource))
  for (const item of items) {
    if (lost.has(toResource(item))) show(item, LOST)
    void showPrice(item, paidFetch)
    item.button.onclick = async () => {
      if (item.button.ariaDisabled === 'true') return
      await buy(item, paidFetch)
      await showBudget(client)
    }
  }
}

/** Asks what it costs, and pays nothing. */
async function showPrice(item: Item, paidFetch: PaidFetch): Promise<void> {
  try {
    const { offers, taken } = await paidFetch.quote(item.url)
    const dollars = (taken ?? offers[0])?.dollars
    item.price.textContent = dollars ?? 'This is not for sale in dollars.'
    item.button.ariaDisabled = String(dollars === undefined)
    if (dollars === undefined) return
    item.card.dataset['priced'] = ''
    if (item.card.dataset['kind'] !== 'lost') item.button.textContent = `Buy for ${dollars}`
  } catch {
    item.price.textContent = 'The shop does not answer.'
  }
}

async function buy(item: Item, paidFetch: PaidFetch): Promise<void> {
  progress(item, 'Asking the shop …')
  try {
    show(item, await toReceipt(await paidFetch(item.url), item))
  } catch (error) {
    show(item, explain(error))
  }
}

async function toReceipt(answer: Response, item: Item): Promise<Told> {
  const text = await answer.text()
  const payment = paymentOf(answer)
  if (!answer.ok) return { kind: 'refused', title: 'The shop could not deliver', text }
  const facts = {
    Price: item.price.textContent ?? '',
    'Paid to': shorten(payment?.terms?.payTo ?? 'nobody'),
    Transaction: shorten(payment?.transaction ?? 'none named'),
    Money: payment?.money ?? 'untouched',
  }
  return { kind: 'paid', title: 'Paid', text: JSON.parse(text).text, facts }
}

/** Every error of pay402 says where the money is; that is what the person wants to know. */
function explain(error: unknown): Told {
  if (!isX402Error(error)) return { kind: 'refused', title: 'No connection', text: 'Nothing was paid.' }
  if (error.code === 'ANSWER_LOST') return LOST
  const isUntouched = error.money === 'untouched' || error.money === 'released'
  const money = isUntouched ? 'Your money is untouched.' : `Where your money is: ${error.money}.`
  if (error.code === 'LIMIT_PER_PAYMENT') {
    const most = find('#per-payment').textContent
    return { kind: 'limit', title: 'Over your limit', text: `This page pays ${most} at most for one answer. ${money}` }
  }
  if (error.name === 'LimitError')
    return { kind: 'limit', title: 'Over your limit', text: `${error.shortMessage} ${money}` }
  if (error.code === 'SIGNING_REJECTED') {
    return { kind: 'refused', title: 'You said no', text: `Your wallet signed nothing. ${money}` }
  }
  return { kind: 'refused', title: 'Not paid', text: `${error.shortMessage} ${money}` }
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

function show(item: Item, { kind, title, text, facts = {} }: Told): void {
  item.card.dataset['kind'] = kind
  item.button.ariaDisabled = 'false'
  item.button.textContent = toLabel(kind, item.price.textContent)
  const list = create('dl')
  for (const [name, value] of Object.entries(facts)) list.append(create('dt', name), create('dd', value))
  item.outcome.replaceChildren(create('h3', title), create('p', text), ...(list.children.length > 0 ? [list] : []))
}

function toLabel(kind: Told['kind'], price: string): string {
  if (kind === 'paid') return `Buy again for ${price}`
  return kind === 'limit' ? `Buy for ${price}` : 'Try again'
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
  const url = new URL(card.dataset['path'] ?? '', seller).href
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
