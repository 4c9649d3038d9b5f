import { type ExpectStatic, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from '@vitest/expect'
import * as chai from 'chai'

/** What stands in for vitest in a page: `describe` and `it` write down what there is to run, `expect` is vitest's own. */

/** One test: its name, and what is to be run. */
export type Case = { readonly name: string; readonly run: () => void | Promise<void> }

/** All that was described so far. */
export const cases: Case[] = []

const groups: string[] = []

/** Takes the tests of a group. */
export function describe(name: string, group: () => void): void {
  groups.push(name)
  group()
  groups.pop()
}

/** Takes a test, or with `each` a test for each row of a table. */
export function it(name: string, run: Case['run']): void {
  cases.push({ name: [...groups, name].join(' > '), run })
}

it.each =
  (table: readonly unknown[]) =>
  (name: string, run: (...row: unknown[]) => void | Promise<void>): void => {
    for (const [index, row] of table.entries()) {
      const values = Array.isArray(row) ? row : [row]
      it(`${fill(name, values)} (${index + 1})`, () => run(...values))
    }
  }

function fill(name: string, values: readonly unknown[]): string {
  const left = [...values]
  return name.replace(/%[sdo]/g, () => {
    const value = left.shift()
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
}

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

/** Vitest's own, without a runner: https://vitest.dev/api/expect */
export const { expect } = chai
// The same function: the plug-ins above made it vitest's.
setState({ assertionCalls: 0 }, expect as ExpectStatic)
