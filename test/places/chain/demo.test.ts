import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const tsx = createRequire(import.meta.url).resolve('tsx/cli')

it('npm run demo: says at once what it does, finds all as it expects, and ends by itself', async () => {
  const { stdout } = await run(process.execPath, [tsx, '--tsconfig', 'test/tsconfig.json', 'docs/examples/demo.ts'])
  const chapters = stdout.split('\n').filter((line) => /^\S/.test(line))
  expect(chapters.map((line) => line.replace(/\d+ expectations held, in .*/, '… expectations held.'))).toEqual([
    'Starting a chain and a seller on this machine',
    'A buyer with pay402 meets a seller with the official x402 server. All of it runs on this machine.',
    '1  Buy the weather: GET /weather',
    '2  Buy a report, with a JSON body: POST /report',
    '3  Be asked for too much: GET /expensive',
    '4  Take what is free: GET /free',
    '5  Lose the response: GET /weather, over a line that breaks',
    '6  Make the same call again: it presents the payment of step 5',
    'All … expectations held.',
  ])
})
