import { describe, expect, it } from 'vitest'
import { rules } from './rules.js'
import { readSourceFiles } from './source-files.js'

const files = readSourceFiles('src', 'schemes')

for (const { sentence, find, example, finds } of rules) {
  describe(sentence, () => {
    it('holds in src and schemes', () => {
      expect(find(files).join('\n')).toBe('')
    })

    it('fails on a bad example', () => {
      expect(find(new Map(Object.entries(example)))).toEqual(finds)
    })
  })
}
