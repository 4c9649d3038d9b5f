import type { TestProject } from 'vitest/node'
import { installProject, type Project } from './install-project.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the packed package is installed, for the tests of all runtimes. */
    project: Pick<Project, 'folder' | 'entries'>
  }
}

/** Before any test runs, since others load the build that this makes anew. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { folder, entries, remove } = await installProject()
  provide('project', { folder, entries })
  return remove
}
