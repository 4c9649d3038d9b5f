import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from './context.js'
import { stopEngines } from './engines.js'
import { type Example, readExamples } from './examples.js'
import { checkTypes, runExample } from './runner.js'

const examples = readExamples()
const pages = [...new Set(examples.map(({ file }) => file))]
let problems: readonly string[] = []

beforeAll(async () => {
  problems = checkTypes(examples, Object.keys(await createContext()))
})

afterAll(stopEngines)

it('finds examples', () => {
  expect(examples).not.toEqual([])
})

describe.each(pages)('%s', (page) => {
  it('type-checks', () => {
    expect(problems.filter((problem) => problem.startsWith(`${page}:`)).join('\n')).toBe('')
  })

  it.for(examples.filter(({ file, noRun }) => file === page && noRun === undefined))(
    'runs, from line $line',
    async (example: Example) => {
      await runExample(example, await createContext(example.source))
    },
  )
})
