import { appendFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scenario } from './scenarios.js'

/** Where runs leave what happened, if something isn't exact or they never end. */
export const LOGS = '.cache/fleet'

/** What happened in a run, line by line, in a file that is there while it runs. */
export type Log = {
  readonly path: string
  write(line: string): void
  /** Deletes it: all is as it must be. */
  drop(): Promise<void>
}

/** Begins the log of a run. */
export async function openLog({ name, engine }: Scenario, seed: number): Promise<Log> {
  await mkdir(LOGS, { recursive: true })
  const path = join(LOGS, `${name}-${engine}-${seed}.log`)
  const drop = () => rm(path, { force: true })
  await drop()
  return { path, write: (line) => appendFileSync(path, `${line}\n`), drop }
}
