import { writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** Writes a ledger's file with these texts as its lines, each with the checksum that it must have there. */
export async function writeLines(path: string, texts: readonly string[]): Promise<void> {
  let sum = 0
  const lines = texts.map((text) => {
    sum = crc32(text, sum)
    return `${sum.toString(16).padStart(8, '0')} ${text}\n`
  })
  await writeFile(path, lines.join(''), { mode: 0o600 })
}
