import type { PaymentEvent } from '../../../payment/event.js'
import { FREEZE, LIMITS, type Value } from '../../../payment/ledger.js'
import { readAll } from '../bench.js'
import { createCap } from '../cap.js'
import { type DraftChange, named } from '../draft.js'
import { delivered, lost, sent, settled } from '../events.js'
import type { LedgerCase } from '../session.js'

const PINNED = 'A seller whose site was taken over asks for money to another address.'
const FROZEN = 'An operator who stops all payments must not see one more.'

const REPLACED = 'An operator who lowers a limit must not see one more payment that only the old one allows.'

const FIRST = '0xAAaa000000000000000000000000000000000001'
const OTHER = '0xbbbb000000000000000000000000000000000002'

/** Payments to another address after a first one that is as it was given, and whether they are refused. */
const PINS: readonly (readonly [string, DraftChange, readonly PaymentEvent[], boolean])[] = [
  ['is refused while the first is reserved', {}, [], true],
  ['is refused once the first is sent', {}, [sent], true],
  ['is refused once the first is delivered and settled', {}, [sent, settled, delivered], true],
  ['is done once the first is released', {}, [{ type: 'released', because: 'unsent' }], false],
  ['is done once the first was sent and is released', {}, [sent, { type: 'released', because: 'dead' }], false],
  ['is refused though the first was lost', { call: named('news') }, [sent, lost], true],
  ['is refused on another network of the namespace', { terms: { network: 'example:2' } }, [sent], true],
  ['is done in another namespace of networks', { terms: { network: 'other:1' } }, [sent], false],
  ['is done for another origin', { call: { origin: 'https://b.example' } }, [sent], false],
  ['is refused for the same origin under another host', { call: { host: 'b.example' } }, [sent], true],
  ['is done where the origin is unknown', { call: { origin: '' } }, [sent], false],
  ['is done where no one asked for the pin', { isPinned: false }, [sent], false],
]

const pins = PINS.map(
  ([what, change, events, isRefused]): LedgerCase => ({
    name: `pin: a payment to another address ${what}`,
    why: isRefused ? PINNED : 'A pin that holds where none was set keeps a buyer from buying.',
    async run({ open }) {
      const { pay, reserve, expectRefusal } = await open()
      const first = { terms: { payTo: FIRST } }
      // What is unknown of the second was unknown of the first.
      await pay(change.call?.origin === '' ? { ...first, call: change.call } : first, ...events)
      const second = { isPinned: true, ...change, terms: { payTo: OTHER, ...change.terms } }
      if (isRefused) await expectRefusal({ by: 'pin', payTo: FIRST }, second)
      else await reserve(second)
    },
  }),
)

const FREEZES: readonly Value[] = [{ by: 'Ann', reason: 'audit' }, true, false, null, 0, '']

/** What limits in the register may be, of which no client can know that it was judged by them. */
const UNNAMED: readonly Value[] = [
  true,
  false,
  null,
  0,
  '',
  'a',
  ['a'],
  { limits: {} },
  { version: 1 },
  { version: null },
]

/** Cases of what else refuses a payment, and in which order. */
export const refusals: readonly LedgerCase[] = [
  ...pins,
  {
    name: 'pin: a payment to another address is done once the first was lost by a restricted client',
    why: 'A tool with a fetch of its own says what it likes of a payment, and to whom it went.',
    async run({ open }) {
      const { pay, reserve } = await open()
      await pay({ call: { tags: ['client/a'] }, terms: { payTo: FIRST } }, sent, lost)
      await reserve({ isPinned: true, call: named('news'), terms: { payTo: OTHER } })
    },
  },
  {
    name: 'pin: holds for the first address that was not released, in any case of hexadecimal letters',
    why: PINNED,
    async run({ open }) {
      const { ledger, pay, reserve, expectRefusal } = await open()
      const to = (payTo: string) => ({ isPinned: true, terms: { payTo } })
      const gone = await reserve({ terms: { payTo: OTHER } })
      await ledger.note(gone, { type: 'released', because: 'unsent' })
      await pay(to(FIRST), sent)
      await reserve(to(FIRST.toLowerCase()))
      await reserve({ terms: { payTo: OTHER } }) // not asked, and so no pin of its own
      await expectRefusal({ by: 'pin', payTo: FIRST }, to(OTHER))
      await reserve(to(FIRST))
    },
  },
  {
    name: 'pin: goes on to the next payment that was not released, once the first is',
    why: PINNED,
    async run({ open }) {
      const { ledger, reserve, expectRefusal } = await open()
      const to = (payTo: string, isPinned: boolean) => ({ isPinned, terms: { payTo } })
      const [first, other] = [await reserve(to(FIRST, false)), await reserve(to(OTHER, false))]
      const again = await reserve(to(FIRST, true))
      await ledger.note(first, { type: 'released', because: 'unsent' })
      await expectRefusal({ by: 'pin', payTo: OTHER }, to(FIRST, true))
      await reserve(to(OTHER, true))
      for (const id of [other, again]) await ledger.note(id, { type: 'released', because: 'unsent' })
      await expectRefusal({ by: 'pin', payTo: OTHER }, to(FIRST, true))
    },
  },
  {
    name: 'frozen: whatever the register holds under FREEZE refuses every reserve, until it is taken out',
    why: FROZEN,
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      const { kind, key } = FREEZE
      for (const value of FREEZES) {
        check.equal(await ledger.put(kind, key, value, undefined), true)
        await expectRefusal({ by: 'frozen', value })
        await expectRefusal({ by: 'frozen', value }, { charges: [], call: named('news') })
        check.equal(await ledger.put(kind, key, undefined, value), true)
        await reserve()
      }
      await ledger.put(kind, `${key}, but`, true, undefined)
      await ledger.put(`${kind}s`, key, true, undefined)
      await reserve()
      check.equal((await readAll(ledger)).length, FREEZES.length + 1)
    },
  },
  {
    name: 'frozen: keeps no one from noting what happens to payments that left',
    why: 'What is delivered while payments are frozen must not be asked for again.',
    async run({ open, check }) {
      const { ledger, pay, find } = await open()
      const id = await pay({}, sent)
      await ledger.put(FREEZE.kind, FREEZE.key, true, undefined)
      await ledger.note(id, { ...delivered, isSettled: true })
      check.matches(await find(id), { state: 'settled', delivery: 'delivered' })
    },
  },
  {
    name: 'limits: those of the register refuse every payment that was judged by others, until they are known',
    why: REPLACED,
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      const { kind, key } = LIMITS
      const [first, second] = [{ version: 'a', limits: { total: '$1' } }, { version: 'b' }]
      await reserve()
      await expectRefusal({ by: 'limits', value: undefined }, { by: { limits: 'a' } })
      check.equal(await ledger.put(kind, key, first, undefined), true)
      await expectRefusal({ by: 'limits', value: first })
      await expectRefusal({ by: 'limits', value: first }, { charges: [], call: named('news') })
      await reserve({ by: { limits: 'a' } })
      check.equal(await ledger.put(kind, key, second, first), true)
      await expectRefusal({ by: 'limits', value: second }, { by: { limits: 'a' } })
      await reserve({ by: { limits: 'b' } })
      check.equal(await ledger.put(kind, key, undefined, second), true)
      await expectRefusal({ by: 'limits', value: undefined }, { by: { limits: 'b' } })
      await reserve()
      await ledger.put(kind, `${key}, but`, first, undefined)
      await ledger.put(`${kind}s`, key, first, undefined)
      await reserve()
      check.equal((await readAll(ledger)).length, 5)
    },
  },
  {
    name: 'limits: those of the register that nobody can name refuse every payment',
    why: 'Limits that a client cannot read may be lower than its own.',
    async run({ open, check }) {
      const { ledger, reserve, expectRefusal } = await open()
      for (const value of UNNAMED) {
        check.equal(await ledger.put(LIMITS.kind, LIMITS.key, value, undefined), true)
        for (const limits of [undefined, 'a', '1', '']) await expectRefusal({ by: 'limits', value }, { by: { limits } })
        check.equal(await ledger.put(LIMITS.kind, LIMITS.key, undefined, value), true)
        await reserve()
      }
    },
  },
  {
    name: 'reserve: keeps who approved a payment, whatever becomes of it',
    why: 'Who approved what is asked when the money is gone.',
    async run({ open, check }) {
      const { pay, find } = await open()
      const approval = { proposal: 'a', by: 'Ann', reason: 'ä "needed"', atSeconds: 1_000_000_000, use: 'b' }
      for (const events of [[], [sent], [sent, settled, delivered], [sent, lost, { type: 'forgotten' }]] as const)
        check.equal((await find(await pay({ approval }, ...events))).approval, approval)
      const { reason: _, ...silent } = approval
      check.equal((await find(await pay({ approval: silent, call: named('news') }))).approval, silent)
      check.equal((await find(await pay({ call: named('sports') }))).approval, undefined)
    },
  },
  {
    name: 'reserve: says first that all is frozen, then that limits were replaced, then what is open, then the pin, then the cap',
    why: 'What a caller is told first is what it does next: present, ask a person, or give up.',
    async run({ open }) {
      const { ledger, pay, expectRefusal } = await open()
      await pay({ call: named('news'), terms: { payTo: FIRST } }, sent, delivered)
      const id = await pay({ terms: { payTo: FIRST } }, sent, lost)
      await ledger.put(FREEZE.kind, FREEZE.key, 1, undefined)
      const draft = { isPinned: true, terms: { payTo: OTHER } }
      const cap = createCap(1)
      await expectRefusal({ by: 'frozen', value: 1 }, draft, [cap])
      await ledger.put(LIMITS.kind, LIMITS.key, { version: 'a' }, undefined)
      await expectRefusal({ by: 'frozen', value: 1 }, draft, [cap])
      await ledger.put(FREEZE.kind, FREEZE.key, undefined, 1)
      await expectRefusal({ by: 'limits', value: { version: 'a' } }, draft, [cap])
      await ledger.put(LIMITS.kind, LIMITS.key, undefined, { version: 'a' })
      await expectRefusal({ by: 'open', open: { is: 'open', payment: { id } } }, draft, [cap])
      await ledger.note(id, { type: 'forgotten' })
      await expectRefusal({ by: 'pin', payTo: FIRST }, draft, [cap])
      await expectRefusal({ by: 'cap', cap }, { ...draft, isPinned: false }, [cap])
    },
  },
]
