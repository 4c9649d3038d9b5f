import { isX402Error } from '../../../../src/errors/x402-error.js'
import type { Cap, Ledger } from '../../../../src/payment/ledger.js'
import type { Draft } from '../../../../src/payment/payment.js'
import { isOpen, isUnderWay } from '../../../../src/payment/purchase.js'
import { paymentOf } from '../../../../src/payment/summary.js'
import { readAll } from '../../../../src/testing/ledger/bench.js'
import { at } from '../open-told-shop.js'
import type { Broken } from './open-bazaar.js'
import type { Focus } from './timed-story.js'

/** The same ledger, of which one step is another. */
const withStep = (change: (ledger: Ledger) => Partial<Ledger>): Pick<Broken, 'ledger'> => ({
  ledger: (ledger) => ({ ...ledger, ...change(ledger) }),
})

/** A ledger that is told something else of what is to be reserved. */
const withDraft = (change: (draft: Draft) => Draft, caps = (given: readonly Cap[]) => given) =>
  withStep((ledger) => ({ reserve: (draft, given) => ledger.reserve(change(draft), caps(given)) }))

const withCaps = (isKept: (cap: Cap) => boolean) =>
  withDraft(
    (draft) => draft,
    (caps) => caps.filter(isKept),
  )

const isScoped = ({ tag }: Cap['scope'], label: string): boolean => tag?.startsWith(label) === true

let drafts = 0

/** What may be wrong with buyers, and what the rules say of it. */
export const BREACHES: Readonly<Record<string, readonly [broken: Broken, says: string, focus?: Focus]>> = {
  'R1: a ledger overlooks what is open': [
    withStep((ledger) => ({
      claim: async () => ({ is: 'nothing', over: [] }),
      reserve: (draft, caps) => ledger.reserve(unname(draft), caps),
    })),
    'beside an open payment',
  ],
  'R1: a ledger overlooks what is under way under a key': [
    withStep((ledger) => ({
      async claim(claimant) {
        const claim = await ledger.claim(claimant)
        return claim.is === 'under-way' ? { is: 'nothing', over: [] } : claim
      },
      async reserve(draft, caps) {
        const underWay = (await readAll(ledger)).some(
          (one) => one.call.purchase === draft.call.purchase && isUnderWay(one),
        )
        return ledger.reserve(underWay ? unname(draft) : draft, caps)
      },
    })),
    'under a key beside a payment',
    { askers: [0, 1], key: 'order 1' },
  ],
  'R1: a ledger forgets that a key was bought': [
    withStep((ledger) => ({
      reserve: (draft, caps) =>
        ledger.reserve({ ...draft, call: { ...draft.call, purchaseForSeconds: undefined } }, caps),
      note: (id, event) => ledger.note(id, event.type === 'sent' ? { ...event, purchaseForSeconds: undefined } : event),
    })),
    'under a key what was bought',
    { askers: [0, 1], key: 'order 1' },
  ],
  'R1: a ledger overlooks what another credential may have lost': [
    withDraft((draft) => ({ ...draft, call: { ...draft.call, coarse: undefined } })),
    'beside what may be the same',
  ],
  'R1: a ledger hands one name what another one lost': [
    withStep((ledger) => ({
      async claim(claimant) {
        const own = await ledger.claim(claimant)
        if (own.is !== 'nothing') return own
        const other = (await readAll(ledger)).find((payment) => isOpen(payment) && !payment.claimed)
        if (other === undefined) return own
        const { purchase, coarse, isKeyed } = other.call
        return ledger.claim({ ...claimant, purchase, coarse, isKeyed })
      },
    })),
    "another's",
  ],
  'R1: a wrapper calls again under another name': [
    {
      door: (paidFetch) => (input, init) =>
        paidFetch(input, init).catch(() => paidFetch(input, { ...init, headers: { 'x-api-key': 'again' } })),
    },
    'signed 2 payments',
  ],
  'R2: a ledger gives back what a seller refused': [
    withStep((ledger) => ({
      async note(id, event) {
        const payment = await ledger.note(id, event)
        if (event.type === 'lost') await ledger.note(id, { type: 'released', because: 'dead' })
        return payment
      },
    })),
    'left, and is released',
  ],
  'R3: a ledger gives back what it reserved before it is signed': [
    withStep((ledger) => ({
      async reserve(draft, caps) {
        const reserved = await ledger.reserve(draft, caps)
        if (!('by' in reserved)) await ledger.note(reserved.id, { type: 'released', because: 'unsent' })
        return reserved
      },
    })),
    "signed what wasn't reserved",
  ],
  'R4: a ledger looks at its limits a moment before it reserves': [
    {
      ledger: (ledger, { wait }) => ({
        ...ledger,
        async reserve(draft, caps) {
          const found = await ledger.reserve(draft, caps)
          if ('by' in found) return found
          await ledger.note(found.id, { type: 'released', because: 'unsent' })
          await wait(5)
          return ledger.reserve(draft, [])
        },
      }),
    },
    'passed',
    { askers: [2, 3, 6] },
  ],
  'R4: a ledger counts no name': [
    withCaps(({ scope }) => !isScoped(scope, 'name/')),
    '"per":"all"',
    { askers: [2, 3, 4] },
  ],
  'R4: a ledger counts no restricted client': [
    withCaps(({ scope }) => !isScoped(scope, 'client/')),
    '"per":"all"',
    { askers: [6] },
  ],
  'R4: a ledger counts no resource': [withCaps(({ scope }) => scope.resource === undefined), '"per":"resource"'],
  'R4: a ledger counts no tag': [withCaps(({ name }) => !name.includes('perTag')), '"per":"tag"'],
  'R4: a ledger counts no host': [
    withCaps(({ scope }) => scope.host === undefined),
    '"per":"host"',
    { askers: [0, 1] },
  ],
  'R4: a ledger forgets a window when its clock is set back': [
    {
      ledger(ledger) {
        let latestSeconds = 0
        return {
          ...ledger,
          reserve(draft, caps) {
            const isBack = draft.by.nowSeconds < latestSeconds
            latestSeconds = Math.max(latestSeconds, draft.by.nowSeconds)
            return ledger.reserve(
              draft,
              isBack ? caps.filter(({ windowSeconds }) => windowSeconds === undefined) : caps,
            )
          },
        }
      },
    },
    '"window":3600',
    { askers: [6], turnsBy: [-61, -200, -3601] },
  ],
  'R5: a transport makes another request of the one that is paid': [
    {
      fetch: (send) => (input, init) =>
        isPaid(init) && init?.method === 'POST' ? send(input, { ...init, body: 'two' }) : send(input, init),
    },
    'sent another request',
  ],
  'R6: a wrapper says that nothing was paid': [
    {
      door: (paidFetch) => (input, init) =>
        paidFetch(input, init).catch((error: unknown) => {
          throw isX402Error(error) ? Object.create(error, { money: { value: 'untouched' } }) : error
        }),
    },
    'was told untouched',
  ],
  'R7: a wrapper throws away what has no receipt': [
    {
      door: (paidFetch) => async (input, init) => {
        const response = await paidFetch(input, init)
        if (paymentOf(response)?.receipt?.state === 'missing') throw new TypeError('the receipt is missing')
        return response
      },
    },
    'not handed that',
  ],
  'R7: a wrapper waits for ever': [
    { door: (paidFetch) => (input, init) => paidFetch(input, init).catch(() => new Promise(() => undefined)) },
    'never ended',
  ],
  'R8: a transport follows redirects with the payment': [
    {
      fetch: (send) => async (input, init) => {
        const response = await send(input, init)
        const location = response.headers.get('location')
        if (!isPaid(init) || location === null || !URL.canParse(location, response.url)) return response
        const { href } = new URL(location, response.url)
        return at(href, await send(href, init))
      },
    },
    'sent its payment to https://elsewhere.example',
  ],
  'R8: a transport hides where a redirect led': [
    { fetch: (send) => async (input, init) => at(String(input), await send(input, init)) },
    'R8',
  ],
  'R9: a ledger counts half of what others can take': [
    withDraft((draft) => ({
      ...draft,
      charges: draft.charges.map(({ unit, amount }) => ({ unit, amount: unit === 'usd' ? amount / 2n : amount })),
    })),
    'counted',
  ],
  'honest callers: a ledger holds up whoever asks while another pays': [
    withStep((ledger) => ({
      async reserve(draft, caps) {
        const isBusy = (await readAll(ledger)).some(isUnderWay)
        const [cap] = caps
        return isBusy && cap !== undefined ? { by: 'cap', cap, held: 0n, spent: 0n } : ledger.reserve(draft, caps)
      },
    })),
    'for nothing',
  ],
}

/** What is in no other's way. */
function unname(draft: Draft): Draft {
  return { ...draft, call: { ...draft.call, purchase: `nameless ${drafts++}`, coarse: undefined } }
}

function isPaid(init: RequestInit | undefined): boolean {
  return new Headers(init?.headers).has('payment-signature')
}
