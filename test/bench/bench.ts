import type { Figures } from './figures.js'
import { openSections } from './sections.js'
import { writeTable } from './table.js'

/**
 * Measures pay402 beside `@x402/*`, turn by turn in one run, and prints the table of what it should reach.
 *
 * `npm run bench` measures the whole table, `npm run bench -- hot phases` those sections, and `--quick` does less of each. Only ratios of one run
 * are worth comparing: machines differ, and one machine has its moods.
 */
const parameters = process.argv.slice(2)
const isQuick = parameters.includes('--quick')
const names = parameters.filter((parameter) => parameter !== '--quick')

/** Only when they are asked for by name: they print lines of their own, or start databases. */
const BEYOND = ['opening', 'sharing', 'download', 'fleet']

const sections = await openSections()
const unknown = names.filter((name) => sections[name] === undefined)
if (unknown.length > 0)
  throw new Error(`no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`)

const start = performance.now()
let figures: Figures = {}
for (const [name, measure] of Object.entries(sections)) {
  if (names.length === 0 ? BEYOND.includes(name) : !names.includes(name)) continue
  const begun = performance.now()
  try {
    figures = { ...figures, ...(await measure({ isQuick })) }
  } catch (error) {
    // The others are worth seeing all the same.
    console.error(error)
    process.exitCode = 1
  }
  process.stderr.write(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
}
process.stdout.write(`${writeTable(figures)}\n\n`)
process.stdout.write(
  `Node ${process.versions.node}, ${isQuick ? 'quick, ' : ''}in ${((performance.now() - start) / 1000).toFixed(0)} s. [quartiles] of the turns; A/A is the same against the same, 1 without noise.\n`,
)
