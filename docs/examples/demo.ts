import { tellStory } from './demo/tell-story.js'

const opening = {
  title: 'Starting a chain and a seller on this machine',
  wait: 'a few seconds; the first time some ten more, to compile the contracts of the chain',
  deadlineMs: 60_000,
}

await tellStory(opening, async (story) => {
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
})
