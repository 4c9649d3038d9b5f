import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OVER_MCP, whyNotOverMcp } from '../../support/conformance/over-mcp.js'

const folder = new URL('../../promises/', import.meta.url)

/** Files with situations that every door goes through. */
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => readFileSync(new URL(file, folder), 'utf8').includes('throughEveryDoor('))
  .map((file) => file.replace('.test.ts', ''))

test('it is said of every situation whether it runs through MCP, and of no other', () => {
  expect(Object.keys(OVER_MCP).sort()).toEqual(files.sort())
})

test('a situation of which nothing is said does not run unnoticed', () => {
  expect(() => whyNotOverMcp('/promises/r1-one-live-payment/a-new-one.test.ts', 'pays once')).toThrow('over-mcp.ts')
})

test('those without a meaning for tools are fewer than half, and each says why', () => {
  const reasons = Object.values(OVER_MCP).flatMap((decision) => {
    if (decision === 'all') return []
    return 'none' in decision ? [decision.none] : Object.values(decision.but)
  })
  for (const reason of reasons) expect(reason.split(' ').length).toBeGreaterThan(3)
  const left = Object.values(OVER_MCP).filter((decision) => decision !== 'all' && 'none' in decision)
  expect(left.length * 2).toBeLessThan(files.length)
})
