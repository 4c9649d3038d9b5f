import type { Proposal } from 'pay402/desk'
import { create, createButton, createForeign, toSpan } from './elements.js'

/** A proposal that waits, with its two buttons. */
export type Card = {
  readonly element: HTMLElement
  /** A decision about it is on its way. */
  readonly isBusy: boolean
  /** It says what was decided, and has no buttons any more. */
  readonly isOver: boolean
  /** Shows how long it has waited. */
  age(nowSeconds: number): void
  /** Says something about it, and leaves the buttons there. */
  note(text: string): void
  /** Says what was decided. The card stays where it is, so that no other one moves under someone's finger. */
  end(text: string, kind: Ending): void
}

/** Decided here as wished, or by someone else. */
export type Ending = 'yes' | 'no' | 'late'

type Choose = (want: 'approve' | 'deny', reason: string) => Promise<void>

/**
 * Makes a card of a proposal.
 *
 * @param choose - Is told what the person wants.
 */
export function createCard(proposal: Proposal, choose: Choose): Card {
  const { id, host, resource, sellerSays, createdAtSeconds, expiresAtSeconds } = proposal
  const price = priceOf(proposal)
  const age = create('p', '', 'age')
  const title = create('h3', [createForeign(host ?? 'A seller whose host is unknown')])
  title.id = `title-${id}`
  const answer = create('div', '', 'answer')
  const note = create('p', '', 'said')
  note.tabIndex = -1

  const reason = create('input')
  reason.maxLength = 500
  reason.autocomplete = 'off'
  let isBusy = false
  let isOver = false
  const choosing = (want: 'approve' | 'deny') => async () => {
    // Of the two buttons, only one is heard.
    if (isBusy) return
    isBusy = true
    try {
      await choose(want, reason.value)
    } finally {
      isBusy = false
    }
  }
  const isKnown = proposal.dollars !== undefined || proposal.price !== undefined
  const yes = proposal.resumed === undefined ? `Yes, pay ${isKnown ? price : 'it'}` : 'Yes, present it again'
  const choice = create(
    'div',
    [createButton(yes, 'yes', choosing('approve')), createButton('No', 'quiet', choosing('deny'))],
    'choice',
  )
  // Not a form: Enter in the field must pay nothing.
  const label = create('label', ['Reason ', create('span', 'optional', 'optional'), reason])
  answer.append(label, choice)

  const element = create(
    'article',
    [
      create('div', [createPrice(proposal), age], 'card-top'),
      title,
      create('p', [create('code', [createForeign(resource)])], 'resource'),
      createFacts(proposal),
      ...(sellerSays === undefined ? [] : [createQuote(sellerSays)]),
      ...createWarnings(proposal),
      note,
      answer,
    ],
    'card',
  )
  element.setAttribute('aria-labelledby', title.id)

  return {
    element,
    get isBusy() {
      return isBusy
    },
    get isOver() {
      return isOver
    },
    age(nowSeconds) {
      if (isOver) return
      const waited = toSpan(nowSeconds - createdAtSeconds)
      age.textContent = `Waits ${waited} · expires in ${toSpan(expiresAtSeconds - nowSeconds)}`
    },
    note(text) {
      note.replaceChildren(createForeign(text))
    },
    end(text, kind) {
      const hadFocus = element.contains(document.activeElement)
      isOver = true
      answer.style.minHeight = `${answer.offsetHeight}px`
      element.dataset['kind'] = kind
      age.textContent = { yes: 'Yes', no: 'No', late: 'Over' }[kind]
      note.replaceChildren(createForeign(text))
      answer.replaceChildren(
        note,
        createButton('Put away', 'quiet', () => putAway(element)),
      )
      if (hadFocus) note.focus()
    },
  }
}

/** What it costs, as a person reads it. */
export function priceOf({ dollars, price, amount }: Proposal): string {
  return dollars ?? price ?? `${amount} of an unknown token`
}

function putAway(element: HTMLElement): void {
  element.remove()
  document.querySelector<HTMLElement>('#waiting-title')?.focus()
}

/** Dollars, and the token that they are paid in. */
function createPrice(proposal: Proposal): HTMLElement {
  const { dollars, price } = proposal
  const token = dollars === undefined || price === undefined ? [] : [' ', create('small', price)]
  return create('p', [priceOf(proposal), ...token], 'price')
}

function createFacts({ space, network, payTo, asset, dollars, tags }: Proposal): HTMLElement {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Who asks', space ?? 'a client without a name'],
    ['Pays to', payTo],
    ['Network', network],
    ['Token', dollars === undefined ? asset : undefined],
    ['Tags', tags.length === 0 ? undefined : tags.join(', ')],
  ]
  const rows = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [create('dt', name), create('dd', [createForeign(value)])],
  )
  return create('dl', rows, 'facts')
}

function createQuote(text: string): HTMLElement {
  const bare = text.replace(/^"(.*)"$/u, '$1')
  return create('figure', [
    create('figcaption', 'The seller’s own words, which prove nothing'),
    create('blockquote', [createForeign(bare)]),
  ])
}

function createWarnings({ perhapsPaid, resumed, exposure, amount, allowances, dollars }: Proposal): HTMLElement[] {
  const warnings = [
    perhapsPaid !== undefined && 'An earlier payment for this may have been taken. A yes may pay twice.',
    resumed !== undefined && 'It presents a payment that was made before. Nothing new is signed.',
    exposure !== amount && `The seller could take more than the price: up to ${exposure} units of the token.`,
    ...allowances.map(({ spender }) => `It also lets the contract ${spender} take tokens.`),
    dollars === undefined && 'This token isn’t known to be worth a dollar.',
  ]
  const lines = warnings.filter((text) => typeof text === 'string').map((text) => create('li', text))
  return lines.length === 0 ? [] : [create('ul', lines, 'warnings')]
}
