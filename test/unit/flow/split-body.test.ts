import { describe, expect, it } from 'vitest'
import { splitBody } from '../../../src/flow/flight/split-body.js'

const MEBIBYTE = 1024 * 1024
const createError = () => new Error('too far behind')

/** A body of some chunks, and how much of it was read. */
function openSource(chunks: readonly (Uint8Array | Error)[]) {
  let read = 0
  let canceled: unknown
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[read++]
        if (chunk === undefined) controller.close()
        else if (chunk instanceof Error) controller.error(chunk)
        else controller.enqueue(chunk)
      },
      cancel: (reason) => {
        canceled = reason
      },
    },
    { highWaterMark: 0 },
  )
  return { body, read: () => read, canceled: () => canceled }
}

const lengthOf = async (body: ReadableStream<Uint8Array> | undefined) =>
  (await new Response(body).arrayBuffer()).byteLength

describe('splitBody', () => {
  it('reads nothing before somebody asks, and then no more than the fastest asks for', async () => {
    const source = openSource([new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)])
    const [one, other] = splitBody(source.body, 2, createError)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(source.read()).toBe(0)
    await one?.getReader().read()
    expect(source.read()).toBe(1)
    expect(await lengthOf(other)).toBe(24)
  })

  it('gives each caller all of a single chunk that is longer than what is kept', async () => {
    const [one, other] = splitBody(openSource([new Uint8Array(5 * MEBIBYTE)]).body, 2, createError)
    expect(await lengthOf(one)).toBe(5 * MEBIBYTE)
    expect(await lengthOf(other)).toBe(5 * MEBIBYTE)
  })

  it('keeps exactly a mebibyte for a caller that reads nothing, and fails it beyond that, and no other', async () => {
    for (const [chunks, isBehind] of [
      [16, false],
      [17, true],
    ] as const) {
      const { body } = openSource(Array.from({ length: chunks }, () => new Uint8Array(MEBIBYTE / 16)))
      const [quick, late, third] = splitBody(body, 3, createError)
      const lengths = Promise.all([lengthOf(quick), lengthOf(third)])
      expect(await lengths).toEqual([chunks, chunks].map((count) => (count * MEBIBYTE) / 16))
      if (isBehind) await expect(lengthOf(late)).rejects.toThrow('too far behind')
      else expect(await lengthOf(late)).toBe(MEBIBYTE)
    }
  })

  it('gives each caller bytes of its own', async () => {
    const [one, other] = splitBody(openSource([new Uint8Array([1, 2])]).body, 2, createError)
    const first = await one?.getReader().read()
    first?.value?.fill(9)
    const second = await other?.getReader().read()
    expect([...(second?.value ?? [])]).toEqual([1, 2])
  })

  it('fails all callers with what the body fails with', async () => {
    const broken = new Error('broke off')
    const parts = splitBody(openSource([new Uint8Array(8), broken]).body, 3, createError)
    const failures = parts.map((part) => lengthOf(part).catch((error: unknown) => error))
    expect(await Promise.all(failures)).toEqual([broken, broken, broken])
  })

  it('cancels the body once no caller is left, with the reason of the last one', async () => {
    const source = openSource([new Uint8Array(8), new Uint8Array(8)])
    const [one, other] = splitBody(source.body, 2, createError)
    await one?.cancel('first')
    expect(source.canceled()).toBeUndefined()
    await other?.cancel('last')
    expect(source.canceled()).toBe('last')
  })

  it('goes on for the others when one cancels', async () => {
    const [one, other] = splitBody(openSource([new Uint8Array(8), new Uint8Array(8)]).body, 2, createError)
    const reader = one?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(await lengthOf(other)).toBe(16)
  })
})
