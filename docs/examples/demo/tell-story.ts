import { toDuration } from './show.js'
import { type Story, startStory } from './start-story.js'

/** How a demo begins, and when it ends at the latest. */
export type Opening = {
  readonly title: string
  /** For how long there is nothing to see. */
  readonly wait: string
  readonly deadlineMs: number
}

/**
 * Runs a demo. However it goes, it ends by itself, and what it started ends with it.
 *
 * @param tell - Loads what it needs only now: that takes a while, and the opening should be there before it.
 */
export async function tellStory(
  { title, wait, deadlineMs }: Opening,
  tell: (story: Story) => Promise<void>,
): Promise<void> {
  const story = startStory()
  const deadline = setTimeout(() => fail(`The demo took longer than ${toDuration(deadlineMs)}.`), deadlineMs)
  story.chapter(title)
  story.row('wait', wait)
  try {
    await tell(story)
    story.chapter(`All ${story.held} expectations held, in ${toDuration(performance.now())}.`)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(deadline)
  }
}

/** Says what is wrong and ends the process. */
function fail(reason: string): never {
  process.stderr.write(`\nThe demo failed. ${reason}\n`)
  process.exit(1)
}
