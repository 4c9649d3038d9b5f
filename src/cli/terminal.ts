import type { Readable, Writable } from 'node:stream'

/** What a command is given of the process that it runs in. It writes nowhere else, and reads nothing else of it. */
export type Terminal = {
  readonly stdin: Readable
  /** Carries what a command answers, and nothing else. */
  readonly stdout: Writable
  /** Carries what a person reads. */
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working folder. */
  readonly cwd: string
  /** The user's own folder. */
  readonly home: string
  /** The user's name; empty where the account has none, as in a container that runs as any number. */
  readonly user: string
  /** As `process.platform` names it. */
  readonly platform: string
  /** The folder of the pages that came with the program. */
  readonly pages: string
  /** The version of pay402. */
  readonly version: string
  /**
   * Tells that the process was asked to end, as often as it is.
   *
   * @param listener - Called for each SIGTERM and SIGINT.
   */
  onInterrupt(listener: () => void): void
}

/** How a command ends. Source: what shells expect, and the table of exit codes that pay402's commands share. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const
