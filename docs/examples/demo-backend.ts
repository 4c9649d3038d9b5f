import { toDuration } from './demo/show.js'
import { startStory } from './demo/start-story.js'

/** However it goes, the demo ends by itself. */
const deadlineMs = 120_000

const story = startStory()
const deadline = setTimeout(() => fail(`The demo took longer than ${toDuration(deadlineMs)}.`), deadlineMs)
const [asked] = process.argv.slice(2)

story.chapter('Starting a chain, a seller, a ledger and two instances of a service on this machine')
story.row('wait', 'about ten seconds; the first time some ten more, to compile the contracts of the chain')

try {
  // Loaded only now: it takes a while, and the line above should be there before it.
  const [{ startEngine }, { openPlace }, { runService }] = await Promise.all([
    import('./backend/demo/find-engine.js'),
    import('./backend/demo/open-place.js'),
    import('./backend/demo/run-service.js'),
  ])
  const engine = await startEngine(asked)
  try {
    const place = await openPlace()
    try {
      await runService(story, place, engine)
    } finally {
      await place.stop()
    }
  } finally {
    await engine.stop()
  }
  story.chapter(`All ${story.held} expectations held, in ${toDuration(performance.now())}.`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
} finally {
  clearTimeout(deadline)
}

/** Says what is wrong and ends the process, and what it started with it. */
function fail(reason: string): never {
  process.stderr.write(`\nThe demo failed. ${reason}\n`)
  process.exit(1)
}
