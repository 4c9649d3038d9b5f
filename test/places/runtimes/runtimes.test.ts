import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { createChecks } from './create-checks.js'
import { runtimes } from './runtimes.js'
import { type Shown, showRuntime } from './show-runtime.js'
import { PAGE, withVersion, writePage } from './write-page.js'

const project = inject('project')
const shown = new Map<string, Shown>()

describe.each(runtimes)('$name', (runtime) => {
  beforeAll(async () => {
    shown.set(runtime.name, await showRuntime(runtime, project))
  })

  it.each(createChecks(runtime, project.entries))('$title', ({ expected, read }) => {
    expect(read(get(runtime.name))).toEqual(expected)
  })
})

describe(PAGE, () => {
  it("is what this run would write, but for the browser's version, which is the machine's", async () => {
    const page = await readFile(PAGE, 'utf8')
    const rows = runtimes.map((runtime) => ({ runtime, shown: get(runtime.name) }))
    const written = writePage(rows, project.entries)
    expect(withVersion(page, 'Chromium', '…')).toBe(withVersion(written, 'Chromium', '…'))
  })
})

function get(name: string): Shown {
  const found = shown.get(name)
  if (found === undefined) throw new Error(`${name} was not run`)
  return found
}
