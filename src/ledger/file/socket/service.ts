// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { createServer, type Server, type Socket } from 'node:net'
import type { Warning } from '../../../payment/stream.js'
import type { JsonObject } from '../../../wire/json.js'
import { LedgerError } from '../../error.js'
import { type Holder, readHolder } from '../holder.js'
import type { LocalFile } from '../local-file.js'
import { type Endpoint, isThere, listenAt, removeEndpoint } from './endpoint.js'
import { writeError, writeWarning } from './errors.js'
import { object } from './fields.js'
import { createFrames, type Frames, MAX_REQUEST_BYTES } from './frames.js'
import { createNonce, isProof, PROTOCOL, prove } from './greeting.js'
import { createRequests, type Requests } from './requests.js'
import { nowMs } from './time.js'

/** Serves a ledger's file to the other processes that have it open. */
export type Service = {
  /** Where; `undefined` where no socket can be opened. */
  readonly endpoint: Endpoint | undefined
  /** Begins to serve: until then, those who came wait. */
  open(file: LocalFile): void
  /** Tells all of them. */
  warn(warning: Warning): void
  /** Whether anyone is there. */
  isUsed(): boolean
  /** Carries out nothing more, and lets no one in. What is under way is told to who asked. */
  stop(): Promise<void>
  /** Lets them go to who has the file next. */
  end(): void
}

/** How long a client may take to say who it is, in milliseconds. */
const GREETING_MS = 5000

/** How often one that waits for the file to be read is told so, in milliseconds. */
const WAIT_MS = 1000

/** How often it's looked whether the socket is still there, in milliseconds: those who come wait longer than that. */
const LOOK_MS = 2000

/**
 * Starts to serve at the first endpoint that can be had. The caller holds the lock.
 *
 * One that doesn't know the lock's secret is cut off, and so is one that speaks another language. Nothing keeps the process from ending.
 *
 * @param endpoints - The best one first.
 */
export async function startService(endpoints: readonly Endpoint[]): Promise<Service> {
  const clients = new Map<string, Frames>()
  const sockets = new Map<Socket, Frames>()
  let file: LocalFile | undefined
  let isStopped = false
  let announce: (file: LocalFile) => void
  const opened = new Promise<LocalFile>((resolve) => {
    announce = resolve
  })

  /** @param secret - Of the endpoint, which is open before it's said to be. */
  function receive(socket: Socket, secret: string): void {
    const nonce = createNonce()
    let owner: string | undefined
    let requests: Requests | undefined

    const frames = createFrames(
      socket,
      (message) => {
        if (isStopped) return // it asks who has the file next
        if (owner === undefined) owner = greet(message).token
        else if (requests === undefined || file === undefined) throw new TypeError('it was not its turn')
        else void carryOut(message, { owner, requests, file, frames })
      },
      () => {
        clearTimeout(timer)
        sockets.delete(socket)
        if (owner === undefined || clients.get(owner) !== frames) return
        clients.delete(owner)
        // Where it can't be written down, who reads the file next finds out that it's gone.
        if (!isStopped) file?.leave(owner).catch(() => undefined)
      },
    )
    sockets.set(socket, frames)
    const timer = setTimeout(frames.cut, GREETING_MS)
    timer.unref()
    socket.unref()
    frames.send({ pay402: 'ledger', protocol: PROTOCOL, nonce })

    function greet({ protocol, nonce: other, proof, process }: JsonObject): Holder {
      const holder = object.is(process) ? readHolder(process) : undefined
      if (protocol !== PROTOCOL || typeof other !== 'string' || holder === undefined) throw new TypeError('no greeting')
      if (!isProof(proof, prove(secret, 'client', nonce, other))) throw new TypeError('no proof')
      clearTimeout(timer)
      frames.allow(MAX_REQUEST_BYTES)
      clients.set(holder.token, frames)
      const waiting = setInterval(() => frames.send({ isWaiting: true }), WAIT_MS)
      waiting.unref()
      void opened
        .then((opened) => opened.welcome(holder))
        .then((engine) => {
          requests = createRequests(engine)
          frames.send({ proof: prove(secret, 'server', nonce, other), nowMs: nowMs() })
        }, frames.cut)
        .finally(() => clearInterval(waiting))
      return holder
    }
  }

  type At = { readonly owner: string; readonly requests: Requests; readonly file: LocalFile; readonly frames: Frames }

  async function carryOut(message: JsonObject, { owner, requests, file, frames }: At): Promise<void> {
    const { q, untilMs, isAgain } = message
    try {
      if (typeof q !== 'number') throw new TypeError('no number')
      if (file.mayBeGone(message['do'])) await file.settle()
      // What it had in flight was ended when it went: what it got now would be in flight for good.
      if (clients.get(owner) !== frames) return
      // In one step with what follows: nothing is carried out after its caller gave up.
      if (typeof untilMs === 'number' && nowMs() > untilMs) frames.send({ q, isLate: true })
      else frames.send({ q, ...(await requests(message, { owner, isAgain: isAgain === true })) })
    } catch (error) {
      // Whatever it was: what else it has in flight isn't ended for that.
      if (!(error instanceof LedgerError)) frames.send({ q, isRefused: true })
      // One that stops has refused it before it did anything: who asked asks again elsewhere.
      else if (!isStopped) frames.send({ q, error: writeError(error) })
    }
  }

  let listened = await listenAtFirst(endpoints, receive)
  const endpoint = listened?.endpoint
  let renewing: Promise<void> | undefined

  /** Whatever removed the socket, such as who cleans up its folder, the lock still leads others there. Those who are in stay. */
  async function renew(at: Endpoint): Promise<void> {
    if (await isThere(at)) return
    // The server first: it removes what has the name.
    listened?.server.close()
    await removeEndpoint(at)
    listened = await listenAtFirst([at], receive)
  }

  const looking = setInterval(() => {
    if (endpoint === undefined || renewing !== undefined) return
    const renewed = renew(endpoint).catch(() => undefined) // it's tried again
    renewing = renewed.then(() => {
      renewing = undefined
    })
  }, LOOK_MS)
  looking.unref()

  return {
    endpoint,
    open(opened) {
      file = opened
      announce(opened)
    },
    warn(warning) {
      for (const frames of clients.values()) frames.send({ warning: writeWarning(warning) })
    },
    isUsed: () => clients.size > 0,
    async stop() {
      isStopped = true
      clearInterval(looking)
      await renewing
      listened?.server.close()
      await removeEndpoint(endpoint)
    },
    end() {
      for (const socket of sockets.keys()) socket.end()
    },
  }
}

async function listenAtFirst(endpoints: readonly Endpoint[], receive: (socket: Socket, secret: string) => void) {
  for (const endpoint of endpoints) {
    const server: Server = createServer((socket) => receive(socket, endpoint.secret))
    try {
      await listenAt(server, endpoint)
      server.unref()
      // It's told to no one: who can't come in says so.
      server.on('error', () => undefined)
      return { server, endpoint }
    } catch {
      server.close(() => undefined)
      await removeEndpoint(endpoint) // some file systems have no sockets, and some runtimes forbid them
    }
  }
  return undefined
}
