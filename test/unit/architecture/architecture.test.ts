import { describe, expect, it } from 'vitest'
import { rules } from './rules.js'
import { shapeRules } from './shape-rules.js'
import { readSourceFiles } from './source-files.js'
import { testRules } from './test-rules.js'

const sources = readSourceFiles('src', 'schemes')
const tests = readSourceFiles('test')

for (const [where, files, held] of [
  ['src and schemes', sources, [...rules, ...shapeRules]],
  ['the tests', tests, testRules],
] as const) {
  for (const { sentence, find, example, finds } of held) {
    describe(sentence, () => {
      it(`holds in ${where}`, () => {
        expect(find(files).join('\n')).toBe('')
      })

      it('fails on a bad example', () => {
        expect(find(new Map(Object.entries(example)))).toEqual(finds)
      })
    })
  }
}
