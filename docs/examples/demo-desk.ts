import { startDemo } from './desk/demo/start-demo.js'

const demo = await startDemo((line) => process.stdout.write(`The agent ${line}\n`))
process.stdout.write('The desk is open, with play money. Each person decides at an address of their own:\n')
for (const [person, address] of Object.entries(demo.addresses)) process.stdout.write(`  ${person}  ${address}\n`)
process.stdout.write('Ctrl+C closes it.\n')
process.once('SIGINT', () => demo.stop())
process.once('SIGTERM', () => demo.stop())
