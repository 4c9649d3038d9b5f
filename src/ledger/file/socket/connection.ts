// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { createConnection } from 'node:net'
import type { Warning } from '../../../payment/stream.js'
import type { JsonObject } from '../../../wire/json.js'
import type { Holder } from '../holder.js'
import type { Endpoint } from './endpoint.js'
import { readError, readWarning } from './errors.js'
import { object } from './fields.js'
import { createFrames, type Frames, MAX_REQUEST_BYTES } from './frames.js'
import { createNonce, isProof, PROTOCOL, prove } from './greeting.js'
import { nowMs } from './time.js'

/** Why there is no reply. */
export type Failed = 'lost' | 'late' | 'refused'

/** A connection to the process that has a ledger's file open. */
export type Connection = {
  /**
   * Asks for a step, and waits for the reply.
   *
   * @param untilMs - Until when it may be carried out, by the clock of this process; `undefined` for any time.
   * @returns The reply; `'late'` when it didn't come until then, `'lost'` when the connection ended before, and `'refused'` when the other side
   *   could make nothing of it.
   * @throws {@link LedgerError} when the step was refused.
   */
  ask(request: object, isAgain: boolean, untilMs: number | undefined): Promise<JsonObject | Failed>
  /** Settles when it has ended, from whichever side. */
  readonly ended: Promise<void>
  end(): void
}

/** Longest frame of the other side; a page of a list is far smaller. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024

type Pending = {
  resolve(reply: JsonObject | Failed): void
  reject(error: Error): void
  /** Keeps the process from ending before there is a reply. */
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/** How a connection is made. */
export type ConnectOptions = {
  readonly self: Holder
  readonly onWarning: (warning: Warning) => void
  /** How long the other side may be silent before it has said that it's ready, in milliseconds. */
  readonly patienceMs: number
}

/**
 * Connects to who holds a lock.
 *
 * @returns The connection; `'gone'` where no one answers who knows the lock's secret; `'stranger'` where another version does.
 */
export function connect(
  endpoint: Endpoint,
  { self, onWarning, patienceMs }: ConnectOptions,
): Promise<Connection | 'gone' | 'stranger'> {
  const socket = createConnection(endpoint.address)
  const nonce = createNonce()
  const pending = new Map<number, Pending>()
  let asked = 0
  let server: string | undefined
  /** What this process's clock is behind the other one's, at least: so that a step is refused too early rather than carried out too late. */
  let behindMs: number | undefined

  return new Promise((resolve) => {
    let end = (): void => undefined
    const ended = new Promise<void>((done) => {
      end = done
    })
    const timer = setTimeout(() => frames.cut(), patienceMs)
    timer.unref()
    socket.unref()

    const frames: Frames = createFrames(socket, (message) => receive(message), finish)

    function finish(): void {
      clearTimeout(timer)
      resolve('gone')
      end()
      for (const q of pending.keys()) take(q)?.resolve('lost')
    }

    function receive(message: JsonObject): void {
      if (server === undefined) greet(message)
      else if (behindMs === undefined) enter(message, server)
      else if (message['warning'] !== undefined) onWarning(readWarning(toObject(message['warning'])))
      else reply(message)
    }

    function greet({ pay402, protocol, nonce: other }: JsonObject): void {
      if (pay402 !== 'ledger' || typeof other !== 'string') throw new TypeError('no ledger')
      if (protocol !== PROTOCOL) {
        resolve('stranger')
        frames.cut()
        return
      }
      server = other
      const proof = prove(endpoint.secret, 'client', other, nonce)
      frames.send({ protocol: PROTOCOL, nonce, proof, process: self })
    }

    function enter({ isWaiting, proof, nowMs: theirs }: JsonObject, other: string): void {
      if (isWaiting === true) return void timer.refresh()
      if (!isProof(proof, prove(endpoint.secret, 'server', other, nonce))) throw new TypeError('no proof')
      if (typeof theirs !== 'number') throw new TypeError('no time')
      clearTimeout(timer)
      frames.allow(MAX_FRAME_BYTES)
      behindMs = theirs - nowMs()
      resolve({ ask, ended, end: frames.cut })
    }

    function take(q: unknown): Pending | undefined {
      const one = typeof q === 'number' ? pending.get(q) : undefined
      if (one !== undefined) pending.delete(Number(q))
      clearTimeout(one?.timer)
      return one
    }

    function reply(message: JsonObject): void {
      const { q, error, isLate, isRefused } = message
      const one = take(q)
      if (error !== undefined) one?.reject(readError(toObject(error)))
      else if (isRefused === true) one?.resolve('refused')
      else one?.resolve(isLate === true ? 'late' : message)
    }

    function send(q: number, message: object): void {
      // It would be cut off for a longer one, with all that this process has in flight.
      if (!frames.send(message, MAX_REQUEST_BYTES)) take(q)?.resolve('refused')
      if (socket.destroyed) take(q)?.resolve('lost')
    }

    function ask(request: object, isAgain: boolean, untilMs: number | undefined): ReturnType<Connection['ask']> {
      const q = asked++
      return new Promise((done, reject) => {
        const wait = untilMs === undefined ? undefined : setTimeout(() => take(q)?.resolve('late'), untilMs - nowMs())
        pending.set(q, { resolve: done, reject, timer: wait })
        const until = untilMs === undefined ? undefined : untilMs + (behindMs ?? 0)
        send(q, { q, ...request, untilMs: until, ...(isAgain && { isAgain }) })
      })
    }
  })
}

function toObject(value: unknown): JsonObject {
  if (!object.is(value)) throw new TypeError('no object')
  return value
}
