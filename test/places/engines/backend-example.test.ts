import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const tsx = createRequire(import.meta.url).resolve('tsx/cli')
const demo = [tsx, '--tsconfig', 'test/tsconfig.json', 'docs/examples/demo-backend.ts']
/** Longer than the demo lets itself take. */
const PATIENCE_MS = 150_000

it.each(['file', 'redis', 'postgres'])(
  'npm run demo:backend -- %s: holds a budget over two instances, loses nothing, pays once, and ends by itself',
  async (engine) => {
    const { stdout } = await run(process.execPath, [...demo, engine])
    const chapters = stdout.split('\n').filter((line) => /^\S/.test(line))
    expect(chapters.map((line) => line.replace(/held, in .*/, 'held.'))).toEqual([
      'Starting a chain, a seller, a ledger and two instances of a service on this machine',
      'Two instances of one service buy reports for customers. All of it runs on this machine.',
      '1  Customer 7 wants 20 reports at once, half of them from each instance',
      '2  A gets SIGTERM while it waits for a report that the seller is still writing',
      '3  A queue delivers a job twice, since A is killed before it acknowledges',
      '4  What the ledger says, asked by a third process',
      'All 16 expectations held.',
    ])
  },
  PATIENCE_MS,
)
