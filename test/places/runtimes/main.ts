import { writeFile } from 'node:fs/promises'
import { installProject } from './install-project.js'
import { runtimes } from './runtimes.js'
import { showRuntime } from './show-runtime.js'
import { PAGE, type Row, writePage } from './write-page.js'

/** `npm run runtimes`: shows every runtime, and writes the page. */
const project = await installProject()
try {
  const rows: Row[] = []
  for (const runtime of runtimes) {
    console.log(runtime.name)
    rows.push({ runtime, shown: await showRuntime(runtime, project) })
  }
  await writeFile(PAGE, writePage(rows, project.entries))
} finally {
  await project.remove()
}
