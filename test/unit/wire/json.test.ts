import { describe, expect, it } from 'vitest'
import {
  copyJson,
  freezeCopy,
  freezeParsed,
  isSameJson,
  isTooDeep,
  MAX_DEPTH,
  toPlainObject,
} from '../../../src/wire/json.js'

it('isTooDeep: looks no deeper than its bound', () => {
  const nest = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)
  expect(isTooDeep(nest(MAX_DEPTH))).toBe(false)
  expect(isTooDeep(nest(MAX_DEPTH + 1))).toBe(true)
  expect(isTooDeep(nest(5000))).toBe(true)
})

it('freezeCopy: freezes a copy to its leaves and leaves the original alone', () => {
  const original = { a: [{ b: 1 }] }
  const copy = freezeCopy(original)
  expect(Object.isFrozen(copy.a[0])).toBe(true)
  expect(Object.isFrozen(original)).toBe(false)
  expect(copy).toEqual(original)
})

it.each([
  ['freezeCopy', freezeCopy],
  ['freezeParsed', freezeParsed],
])('%s: gives keys such as __proto__ no power', (_name, freeze) => {
  const parsed: object = JSON.parse('{"__proto__":{"polluted":true},"list":[{"__proto__":{"polluted":true}}]}')
  const frozen = freeze(parsed)
  expect(JSON.stringify(frozen)).toBe('{"__proto__":{"polluted":true},"list":[{"__proto__":{"polluted":true}}]}')
  expect(Object.getPrototypeOf(frozen)).toBe(Object.prototype)
  expect(Reflect.get(frozen, 'polluted')).toBeUndefined()
  expect(Object.isFrozen(Reflect.getOwnPropertyDescriptor(frozen, '__proto__')?.value)).toBe(true)
})

it('freezeCopy: copies nothing that was frozen here, also within a new object', () => {
  const frozen = freezeCopy({ a: { b: 1 } })
  expect(freezeCopy(frozen)).toBe(frozen)
  expect(freezeCopy({ frozen }).frozen).toBe(frozen)
  expect(freezeCopy(Object.freeze({ a: {} })).a).toSatisfy(Object.isFrozen)
})

it('freezeParsed: freezes a value to its leaves where it is', () => {
  const parsed = { a: [{ b: 1 }], c: null }
  expect(freezeParsed(parsed)).toBe(parsed)
  expect([parsed, parsed.a, parsed.a[0]].every(Object.isFrozen)).toBe(true)
})

it('toPlainObject: says what can not be written as an object', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  for (const value of [cyclic, undefined, () => 1, 1n, [1], 'text', null]) {
    expect(toPlainObject(value)).toHaveProperty('problem')
  }
})

it('copyJson: copies to the leaves, and a name like any other under __proto__', () => {
  const value = freezeParsed(JSON.parse('{"a":[1,{"__proto__":{"b":2}}],"c":null}'))
  const copy = copyJson(value)
  expect(copy).toEqual(value)
  expect(JSON.stringify(copy)).toBe('{"a":[1,{"__proto__":{"b":2}}],"c":null}')
  copy.a.push(3)
  expect(value.a).toHaveLength(2)
})

describe('isSameJson', () => {
  it('ignores the order of keys and minds that of lists', () => {
    expect(isSameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true)
    expect(isSameJson([1, 2], [2, 1])).toBe(false)
  })

  it('tells different values apart', () => {
    const values = [1, '1', null, {}, [], { a: undefined }, { a: 1 }, [1]]
    for (const [i, a] of values.entries()) for (const [j, b] of values.entries()) expect(isSameJson(a, b)).toBe(i === j)
  })
})
