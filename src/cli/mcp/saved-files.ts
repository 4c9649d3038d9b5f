// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResponseFile } from '../../agents/index.js'

/** Endings of files that people open. What isn't here ends in `.bin`: a server chooses no ending that a machine might run. */
const ENDINGS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'text/csv': 'csv',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'video/mp4': 'mp4',
}

/**
 * Keeps what isn't text, or is too long for a model, in a folder. Nothing of a name is the server's: it can't choose a place, or write over a file.
 *
 * @param folder - Made when it is needed; only its owner can read what is in it.
 * @returns What takes a body and returns the path of its file.
 */
export function createFileSaver(folder: string): (file: ResponseFile) => Promise<string> {
  return async ({ bytes, contentType = '' }) => {
    const [type = ''] = contentType.toLowerCase().split(';')
    const path = join(folder, `${randomUUID()}.${toEnding(type.trim())}`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
    return path
  }
}

function toEnding(type: string): string {
  return (Object.hasOwn(ENDINGS, type) ? ENDINGS[type] : undefined) ?? 'bin'
}
