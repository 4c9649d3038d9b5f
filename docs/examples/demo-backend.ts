import { tellStory } from './demo/tell-story.js'

const opening = {
  title: 'Starting a chain, a seller, a ledger and two instances of a service on this machine',
  wait: 'about ten seconds; the first time some ten more, to compile the contracts of the chain',
  deadlineMs: 120_000,
}
const [asked] = process.argv.slice(2)

await tellStory(opening, async (story) => {
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
})
