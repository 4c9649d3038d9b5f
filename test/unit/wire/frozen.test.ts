import { describe, expect, it } from 'vitest'
import { isFrozenForGood, oncePerFrozen, toJson } from '../../../src/wire/frozen.js'
import { freezeCopy, freezeParsed } from '../../../src/wire/json.js'

describe('isFrozenForGood', () => {
  it('is true of what was frozen here, to its leaves', () => {
    const value = freezeParsed({ a: [{ b: 1 }] })
    expect([value, value.a, value.a[0], freezeCopy({}), freezeCopy([])].map(isFrozenForGood)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
  })

  it('is true of nothing that somebody else froze, copied, inherited or put a proxy before', () => {
    const value = freezeParsed({ a: 1 })
    const others = [
      Object.freeze({ a: 1 }),
      { ...value },
      structuredClone(value),
      Object.create(value),
      new Proxy(value, {}),
      Object.assign(Object.create(Object.getPrototypeOf(value)), value),
      null,
      undefined,
      'text',
      1,
    ]
    for (const other of others) expect(isFrozenForGood(other)).toBe(false)
  })

  it('leaves no trace on the value', () => {
    const value = freezeParsed({ a: 1 })
    expect(Reflect.ownKeys(value)).toEqual(['a'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(structuredClone(value)).toEqual({ a: 1 })
  })
})

describe('toJson', () => {
  it('writes what JSON.stringify writes, again and again', () => {
    const value = freezeParsed(JSON.parse('{"a":[1,{"__proto__":2}],"b":"₮"}'))
    for (let time = 0; time < 2; time++) expect(toJson(value)).toBe('{"a":[1,{"__proto__":2}],"b":"₮"}')
  })

  it('writes what may change each time', () => {
    const value = Object.freeze({ inner: { a: 1 } })
    expect(toJson(value)).toBe('{"inner":{"a":1}}')
    value.inner.a = 2
    expect(toJson(value)).toBe('{"inner":{"a":2}}')
    expect(toJson(undefined)).toBeUndefined()
  })
})

describe('oncePerFrozen', () => {
  it('asks once for what is frozen for good, and each time for the rest', () => {
    let asked = 0
    const read = oncePerFrozen((value: object) => ({ value, asked: ++asked }))
    const frozen = freezeCopy({ a: 1 })
    const other = Object.freeze({ a: 1 })
    expect([read(frozen), read(frozen), read(other), read(other)].map((answer) => answer.asked)).toEqual([1, 1, 2, 3])
  })
})
