import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { BREACHES } from '../../support/fuzz/bazaar/breaches.js'
import { type Broken, loadParts, tellStory } from '../../support/fuzz/bazaar/open-bazaar.js'
import { listSights, SIGHTS } from '../../support/fuzz/bazaar/sights.js'
import { judgeStory } from '../../support/fuzz/bazaar/the-nine-rules.js'
import { drawStory, type Focus, nature } from '../../support/fuzz/bazaar/timed-story.js'
import { runs } from '../../support/fuzz/runs.js'

beforeAll(loadParts)

it('whoever asks for whatever at whatever time, no story breaks a rule', async () => {
  const seen = new Map<string, number>()
  const property = fc.asyncProperty(nature, drawStory(), async (nature, story) => {
    const chronicle = await tellStory(nature, story)
    expect(judgeStory(chronicle, nature)).toEqual([])
    for (const sight of listSights(chronicle)) seen.set(sight, (seen.get(sight) ?? 0) + 1)
  })
  await fc.assert(property, runs(250))
  for (const sight of SIGHTS) expect(seen.get(sight) ?? 0, sight).toBeGreaterThan(0)
}, 3_600_000)

describe('a story that breaks a rule is found:', () => {
  it.each(Object.entries(BREACHES))('%s', async (_name, [broken, says, focus]) => {
    expect(await findBreach(broken, says, focus)).toContain(says)
  })
})

/** Stories that are told at most until a breach is found, some at a time. */
const MOST_STORIES = 400
const AT_A_TIME = 20

/** What the rules say of the first drawn story in which they say what is looked for. */
async function findBreach(broken: Broken, says: string, focus: Focus | undefined): Promise<string> {
  const drawn = fc.tuple(nature, drawStory(focus))
  for (let told = 0; told < MOST_STORIES; told += AT_A_TIME) {
    for (const [nature, story] of fc.sample(drawn, { numRuns: AT_A_TIME, seed: 402 + told })) {
      const found = judgeStory(await tellStory(nature, story, broken), nature).join('\n')
      if (found.includes(says)) return found
    }
  }
  return ''
}
