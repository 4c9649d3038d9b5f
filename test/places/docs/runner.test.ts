import { describe, expect, it } from 'vitest'
import { readBlocks, toExamples } from './examples.js'
import { checkTypes, runExample } from './runner.js'

const page = (code: string, fence = 'ts') => ['# Title', '', `\`\`\`${fence}`, code, '```', ''].join('\n')
const run = (code: string, context: Record<string, unknown> = {}) => {
  const [example] = toExamples('docs/page.md', page(code))
  if (example === undefined) throw new Error('no block was found')
  return runExample(example, context)
}

describe('readBlocks', () => {
  it('finds the block of a page, with its line', () => {
    expect(readBlocks('docs/page.md', page('const a = 1'))).toEqual([
      { file: 'docs/page.md', line: 3, code: 'const a = 1\n', noRun: undefined },
    ])
  })

  it('finds the block of a JSDoc comment, without its asterisks', () => {
    const source = ['/**', ' * @example', ' * ```ts', ' * a //=> 1', ' * ```', ' */', 'export const a = 1'].join('\n')
    expect(readBlocks('src/a.ts', source)).toMatchObject([{ line: 3, code: 'a //=> 1\n' }])
  })

  it('leaves other languages and blocks inside a longer fence alone', () => {
    expect(readBlocks('docs/page.md', page('ls', 'sh'))).toEqual([])
    expect(readBlocks('docs/page.md', ['````md', '```ts', 'a', '```', '````'].join('\n'))).toEqual([])
  })

  it('keeps why a block is not run', () => {
    expect(readBlocks('docs/page.md', page('a', 'ts no-run needs a wallet'))).toMatchObject([
      { noRun: 'needs a wallet' },
    ])
  })

  it('error: names the line of a block that would escape', () => {
    expect(() => readBlocks('docs/page.md', page('a', 'ts no-run'))).toThrow(
      'docs/page.md:3: write `ts`, or `ts no-run` and why',
    )
    expect(() => readBlocks('docs/page.md', page('a', 'js'))).toThrow('docs/page.md:3')
  })
})

describe('toExamples', () => {
  it('lets a block of a page use what a block above it imports', () => {
    const [, second] = toExamples('docs/page.md', page("import { join } from 'node:path'") + page("join('a', 'b')"))
    expect(second?.source).toContain("import { join } from 'node:path'")
  })

  it('lets a block of a JSDoc comment use what its file exports', () => {
    const source = ['/**', ' * ```ts', ' * twice(2)', ' * ```', ' */', 'export function twice() {}'].join('\n')
    expect(toExamples('src/twice.ts', source)[0]?.source).toMatch(/import \{ twice \} from '.*src\/twice'/)
  })

  it('imports nothing that the block declares itself', () => {
    const [, second] = toExamples(
      'docs/page.md',
      page("import { join } from 'node:path'") + page('const join = 1; join'),
    )
    expect(second?.source).not.toContain('node:path')
  })
})

describe('runExample', () => {
  it('asserts values, constants, and text with an ellipsis', async () => {
    const receipt = { hash: '0xabcd', logs: ['abc'] }
    await run("const sum = 1 + 1 //=> 2\nawait receipt //=> { hash: '0xab…', logs: ['…c'] }", { receipt })
  })

  it('runs imports, types, exports, and names that shadow the context', async () => {
    await run("import { join as glue } from 'node:path'\nexport const account: string = glue('a', 'b') //=> 'a/b'", {
      account: 1,
    })
  })

  it('error: names page and line when a value is another', async () => {
    await expect(run('const a = 1\na //=> 2')).rejects.toThrow('docs/page.md:5')
  })

  it('error: names page and line when the example throws', async () => {
    await expect(run("const a = 1\n\nthrow new Error('broken')")).rejects.toThrow('docs/page.md:6: broken')
  })

  it('error: names page and line of an expectation that is never reached', async () => {
    await expect(run('try {} catch (error) {\n  error //=> 1\n}')).rejects.toThrow(
      'docs/page.md:5: this expectation was never reached',
    )
  })

  it('error: refuses an expectation that follows no value', async () => {
    await expect(run('if (true) {} //=> 2')).rejects.toThrow('must follow an expression')
  })
})

describe('checkTypes', () => {
  it('takes a block without imports for a module', () => {
    expect(checkTypes(toExamples('docs/page.md', page('await Promise.resolve()')), [])).toEqual([])
  })

  it('error: names page and line of a type error, and of an unknown name', () => {
    const examples = toExamples('docs/page.md', page("const a: number = 'text'\nunknownName()"))
    const problems = checkTypes(examples, [])
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('docs/page.md:4: ')
    expect(problems[1]).toContain("docs/page.md:5: Cannot find name 'unknownName'")
  })
})
