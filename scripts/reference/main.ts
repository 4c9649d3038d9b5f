import { rmSync } from 'node:fs'
import { writeReference } from './write.js'

/** What is generated, from the root of the repository. */
const FOLDER = 'docs/reference'

async function main(): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true })
  await writeReference('.')
}

await main()
