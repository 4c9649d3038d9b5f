import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = readFileSync('SECURITY.md', 'utf8')
const [claims = ''] = page.split('## What is trusted').slice(1).join().split("## What it can't do")
const rows = claims.split('\n').filter((line) => line.startsWith('- '))

it('SECURITY.md: names a test for each line', () => {
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.filter((row) => !/`test\/[^`]+\.test\.ts`/.test(row))).toEqual([])
})

it('SECURITY.md: names only tests that exist', () => {
  const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file ?? '')
  expect(named.filter((file) => !existsSync(file))).toEqual([])
})
