import zlib, { type Gunzip, type ZlibOptions } from 'node:zlib'
import { onTestFinished, vi } from 'vitest'

/** What unpacks an answer: `fetch` makes the first, axios the second. */
const UNPACKERS = ['createGunzip', 'createUnzip'] as const

/**
 * Counts the bytes that this process unpacks until the test is over.
 *
 * @returns How many there were until now.
 */
export function countUnpacked(): () => number {
  let bytes = 0
  for (const name of UNPACKERS) {
    const create = zlib[name]
    const spy = vi.spyOn(zlib, name).mockImplementation((options?: ZlibOptions) => watch(create(options) as Gunzip))
    onTestFinished(() => spy.mockRestore())
  }
  function watch(unpacker: Gunzip): Gunzip {
    const push = unpacker.push.bind(unpacker)
    unpacker.push = (chunk: Buffer | null, encoding) => {
      bytes += chunk?.length ?? 0
      return push(chunk, encoding)
    }
    return unpacker
  }
  return () => bytes
}
