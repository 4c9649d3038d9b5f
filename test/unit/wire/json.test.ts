import { describe, expect, it } from 'vitest'
import { freezeCopy, isSameJson, isTooDeep, MAX_DEPTH } from '../../../src/wire/json.js'

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
