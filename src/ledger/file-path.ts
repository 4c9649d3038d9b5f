// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { createUnavailable } from './file-error.js'
import { orMissing } from './file-missing.js'

/**
 * Finds the one name under which a ledger's file is locked, written and replaced, whatever link leads to it.
 *
 * @param path - As the caller wrote it; the file may not exist yet, its folder must.
 * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when it is no file of its own.
 */
export async function resolveFile(path: string): Promise<string> {
  const whole = resolve(path)
  if ((await orMissing(lstat(whole))) === undefined) return join(await realpath(dirname(whole)), basename(whole))
  const file = await realpath(whole)
  const found = await stat(file)
  if (!found.isFile()) throw createUnavailable(file, 'it is not a regular file')
  // A hard link is a second name with a lock of its own, and it stays behind when the file is written anew.
  if (found.nlink > 1) throw createUnavailable(file, 'it has a second name, under which another process could open it')
  return file
}
