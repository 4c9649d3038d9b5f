import type { Value } from '../../../payment/ledger.js'
import { showValue } from '../../value.js'
import type { LedgerCase } from '../session.js'

const SET = 'Two people who both decide would each believe that their word holds.'
const EXACT = 'A proposal or a price that is read as another than was written is paid as another.'

/** What JSON can hold and stores like to lose. */
const VALUES: readonly Value[] = [
  null,
  false,
  0,
  '',
  'ä\u{1F600}\u0000"\\',
  -1.5e300,
  [],
  {},
  [[null, [1, '2']], {}],
  { b: 1, a: { '': [true] }, __proto__x: null, 'a.b': 'c' },
]

/** Cases of the register that is kept alongside the payments. */
export const register: readonly LedgerCase[] = [
  {
    name: 'register: has nothing where nothing was put, and gives back exactly what was',
    why: EXACT,
    async run({ open, check }) {
      const { ledger } = await open()
      check.equal(await ledger.get('proposal', 'a'), undefined)
      let before: Value | undefined
      for (const value of VALUES) {
        check.equal(await ledger.put('proposal', 'a', value, before), true)
        check.equal(await ledger.get('proposal', 'a'), value)
        before = value
      }
    },
  },
  {
    name: 'register: tells kinds and keys apart, whatever is in them',
    why: EXACT,
    async run({ open, check }) {
      const { ledger } = await open()
      const names = [
        ['a', 'b:c'],
        ['a:b', 'c'],
        ['a', 'bc'],
        ['ab', 'c'],
        ['', 'abc'],
        ['A', 'bc'],
        ['a', 'b c '],
        ['__proto__', 'a'],
      ] as const
      for (const [index, [kind, key]] of names.entries())
        check.equal(await ledger.put(kind, key, index, undefined), true)
      for (const [index, [kind, key]] of names.entries()) check.equal(await ledger.get(kind, key), index)
    },
  },
  {
    name: 'register: writes only where what is there is what was expected',
    why: SET,
    async run({ open, check }) {
      const { ledger } = await open()
      const put = (value: Value | undefined, expected: Value | undefined) => ledger.put('pin', 'a', value, expected)
      check.equal(await put(1, 0), false)
      check.equal(await ledger.get('pin', 'a'), undefined)
      check.equal(await put({ a: 1, b: [2] }, undefined), true)
      for (const wrong of [undefined, null, { a: 1 }, { a: 1, b: [2], c: 3 }, { a: 1, b: ['2'] }]) {
        check.with({ expected: showValue(wrong) }).equal(await put('wrong', wrong), false)
      }
      check.equal(await ledger.get('pin', 'a'), { a: 1, b: [2] })
      check.equal(await put('next', { b: [2], a: 1 }), true)
    },
  },
  {
    name: 'register: takes a value out where nothing is put, and it can be put again',
    why: SET,
    async run({ open, check }) {
      const { ledger } = await open()
      const put = (value: Value | undefined, expected: Value | undefined) => ledger.put('pin', 'a', value, expected)
      check.equal([await put(1, undefined), await put(undefined, 2), await put(undefined, 1)], [true, false, true])
      check.equal(await ledger.get('pin', 'a'), undefined)
      check.equal([await put(undefined, undefined), await put(null, undefined)], [true, true])
      check.equal([await put(1, undefined), await ledger.get('pin', 'a')], [false, null])
    },
  },
  {
    name: 'register: a put that is done twice is done once',
    why: 'A put whose reply was lost is done again, and must not undo what came between.',
    async run({ open, check }) {
      const { ledger } = await open()
      check.equal(
        [await ledger.put('pin', 'a', 1, undefined), await ledger.put('pin', 'a', 1, undefined)],
        [true, false],
      )
      check.equal(await ledger.put('pin', 'a', 2, 1), true)
      check.equal(await ledger.put('pin', 'a', 1, undefined), false)
      check.equal(await ledger.get('pin', 'a'), 2)
    },
  },
  {
    name: 'register: of many concurrent puts exactly one wins',
    why: SET,
    async run({ open, check }) {
      const { ledger } = await open()
      for (const expected of [undefined, 'first']) {
        const next = expected === undefined ? 'first' : 'second'
        const puts = Array.from({ length: 100 }, () => ledger.put('pin', 'a', next, expected))
        check.equal((await Promise.all(puts)).filter(Boolean).length, 1)
        check.equal(await ledger.get('pin', 'a'), next)
      }
    },
  },
  {
    name: 'register: keeps its own copy of a value',
    why: EXACT,
    async run({ open, check }) {
      const { ledger } = await open()
      const mine = { a: [1] }
      await ledger.put('pin', 'a', mine, undefined)
      mine.a.push(2)
      check.equal(await ledger.get('pin', 'a'), { a: [1] })
      const shown = await ledger.get('pin', 'a')
      if (typeof shown === 'object' && shown !== null) Reflect.set(shown, 'a', 0)
      check.equal(await ledger.get('pin', 'a'), { a: [1] })
    },
  },
]
