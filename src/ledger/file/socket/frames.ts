// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type JsonObject, parseJsonObject } from '../../../wire/json.js'

/** Messages over a socket: a JSON object each, ended by a newline. */
export type Frames = {
  /**
   * @param most - Most bytes that the other side takes, where that may be exceeded.
   * @returns Whether it isn't longer; else nothing was sent.
   * @throws When it can't be written as JSON. Nothing was sent then.
   */
  send(message: object, most?: number): boolean
  /** From now on a frame may have so many bytes. */
  allow(bytes: number): void
  /** Ends the connection at once. */
  cut(): void
}

/** Longest frame of a client: far more than a seller's largest 402. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024

/** What a frame may have before both sides know each other. */
const MAX_GREETING_BYTES = 4096

/** What may wait to be read by the other side. One that reads no more is cut off. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024

const NEWLINE = 10

/**
 * Reads and writes a socket's frames.
 *
 * @param onFrame - Told each one. What it throws ends the connection: the other side speaks another language.
 * @param onEnd - Told once, when no more come.
 */
export function createFrames(socket: Socket, onFrame: (message: JsonObject) => void, onEnd: () => void): Frames {
  let most = MAX_GREETING_BYTES
  let parts: Buffer[] = []
  let bytes = 0
  let isOver = false

  function end(): void {
    if (isOver) return
    isOver = true
    parts = []
    socket.destroy()
    onEnd()
  }

  function take(part: Buffer): void {
    parts.push(part)
    bytes += part.length
    if (bytes > most) end()
  }

  function finish(): void {
    const json = parseJsonObject(Buffer.concat(parts, bytes).toString('utf8'))
    parts = []
    bytes = 0
    try {
      if ('problem' in json) throw new TypeError(json.problem)
      onFrame(json.value)
    } catch {
      end() // what it sent isn't told: it may be anything
    }
  }

  socket.on('data', (chunk: Buffer) => {
    let start = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1 && !isOver; at = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, at))
      if (!isOver) finish()
      start = at + 1
    }
    if (!isOver && start < chunk.length) take(chunk.subarray(start))
  })
  for (const event of ['end', 'close', 'error'] as const) socket.on(event, end)
  return {
    send(message, longest = Number.POSITIVE_INFINITY) {
      const text = `${JSON.stringify(message)}\n`
      if (text.length * 3 > longest && Buffer.byteLength(text) > longest) return false
      if (isOver) return true
      socket.write(text)
      if (socket.writableLength > MAX_WAITING_BYTES) end()
      return true
    },
    allow(more) {
      most = more
    },
    cut: end,
  }
}
