import { toDuration } from './demo/show.js'
import { startStory } from './demo/start-story.js'

/** However it goes, the demo ends by itself. */
const deadlineMs = 60_000

const story = startStory()
const deadline = setTimeout(() => fail(`The demo took longer than ${toDuration(deadlineMs)}.`), deadlineMs)

story.chapter('Starting a chain and a seller on this machine')
story.row('wait', 'a few seconds; the first time some ten more, to compile the contracts of the chain')

try {
  // Loaded only now: it takes a while, and the line above should be there before it.
  const [{ openShop }, { goShopping }] = await Promise.all([
    import('./demo/open-shop.js'),
    import('./demo/go-shopping.js'),
  ])
  const shop = await openShop({ buyerHas: 100_000_000n, tell: (what) => story.row('now', what) })
  try {
    await goShopping(story, shop)
  } finally {
    await shop.close()
  }
  story.chapter(`All ${story.held} expectations held, in ${toDuration(performance.now())}.`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
} finally {
  clearTimeout(deadline)
}

/** Says what is wrong and ends the process; the chain ends with it. */
function fail(reason: string): never {
  process.stderr.write(`\nThe demo failed. ${reason}\n`)
  process.exit(1)
}
