import { startDemo } from './browser/demo/start-demo.js'

const demo = await startDemo()
process.stdout.write(`The corner shop is open at ${demo.url}, with play money. Ctrl+C closes it.\n`)
process.once('SIGINT', () => demo.stop())
process.once('SIGTERM', () => demo.stop())
