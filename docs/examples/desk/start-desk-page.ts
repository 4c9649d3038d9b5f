import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Desk } from 'pay402/desk'
import { decide, type Outcome, readBoard, type Wish } from './board.js'
import { createGuard, type Guard, SAFE_HEADERS } from './guard.js'

/** A page over a desk, on this machine only. */
export type DeskPage = {
  /** What to give to each person: it lets them in, and decides in their name. */
  readonly addresses: Readonly<Record<string, string>>
  /** Frees the port. The ledger stays open. */
  stop(): Promise<void>
}

type Reply = {
  readonly status: number
  readonly type: 'text/html' | 'text/css' | 'text/javascript' | 'text/plain' | 'application/json'
  readonly content: string
  readonly headers?: Readonly<Record<string, string>>
}

/** More than any reason that the desk keeps. */
const MAX_WISH_BYTES = 8192

/** Leaves the token's address behind: it's in no history, and the cookie goes along, wherever the click came from. */
const WELCOME = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>The desk</title>'

/**
 * Starts a page that lists what waits, and lets people say yes or no.
 *
 * It's served over plain HTTP on the loopback, so it's for a machine whose programs you trust: a browser sends the cookie to every port of
 * 127.0.0.1 that someone opens in it. Pages are kept out, whatever they send, see `createGuard`.
 *
 * @param desk - Decides; the clients that pay are wherever the ledger is.
 * @param options - Who may decide, and where.
 */
export async function startDeskPage(
  desk: Desk,
  { people, port = 0, nowSeconds = () => Date.now() / 1000 }: startDeskPage.Options,
): Promise<DeskPage> {
  const files = await readFiles()
  const server = createServer()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const guard = createGuard(`127.0.0.1:${Reflect.get(new Object(server.address()), 'port')}`, people)
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time, so that of two people at once the second one is told. */
  function takeTurn(wish: Wish): Promise<Outcome> {
    const mine = last.then(() => decide(desk, wish))
    last = mine.catch(() => undefined)
    return mine
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const refusal = guard.refuse(request)
    if (refusal !== undefined) return toText(refusal.status, refusal.why)
    const [pathname = '', query] = (request.url ?? '').split('?')
    const token = new URLSearchParams(query).get('token')
    if (token !== null) return welcome(guard, token)
    const you = guard.readPerson(request)
    if (you === undefined) return toText(401, 'Open the address that the program printed.')
    if (request.method === 'POST') return answerWish(request, pathname, you)
    if (pathname === '/board') return toJson(200, await readBoard(desk, you, Math.floor(nowSeconds())))
    return files[pathname] ?? toText(404, 'There is no such page.')
  }

  async function answerWish(request: IncomingMessage, pathname: string, you: string): Promise<Reply> {
    if (pathname !== '/decide') return toText(404, 'There is no such page.')
    const wish = await readWish(request)
    if (wish === undefined) return toText(400, 'This is no decision.')
    if (wish.as !== you) {
      const told = `This browser is signed in as ${you} now. Load the page again. What you clicked changed nothing.`
      return toJson(409, { isDone: false, told } satisfies Outcome)
    }
    const outcome = await takeTurn(wish)
    return toJson(outcome.isDone ? 200 : 409, outcome)
  }

  server.on('request', async (request, response) => {
    const { status, type, content, headers } = await answer(request).catch((error: unknown) => {
      // What went wrong is for the one who runs the desk, not for the browser.
      process.stderr.write(`The desk failed: ${error instanceof Error ? error.message : 'for an unknown reason'}\n`)
      return toText(500, 'The desk failed. Its terminal says why.')
    })
    response.writeHead(status, { ...SAFE_HEADERS, ...headers, 'content-type': `${type}; charset=utf-8` })
    response.end(content)
  })
  return {
    addresses: guard.addresses,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export declare namespace startDeskPage {
  type Options = {
    /** Who may decide, by the name that the ledger keeps with each decision. Each gets an address of their own. */
    people: readonly string[]
    /** @default one that is free */
    port?: number | undefined
    /** The time that the desk goes by, in seconds since 1970. @default the machine's clock */
    nowSeconds?: (() => number) | undefined
  }
}

function welcome(guard: Guard, token: string): Reply {
  if (guard.personOf(token) === undefined) return toText(403, 'This address is no longer valid.')
  return { status: 200, type: 'text/html', content: WELCOME, headers: { 'set-cookie': guard.toCookie(token) } }
}

async function readFiles(): Promise<Readonly<Record<string, Reply>>> {
  const at = (name: string) => new URL(name, import.meta.url)
  const entryPoints = [fileURLToPath(at('page.ts'))]
  const [page, style, { outputFiles }] = await Promise.all([
    readFile(at('index.html'), 'utf8'),
    readFile(at('style.css'), 'utf8'),
    build({ entryPoints, bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'silent' }),
  ])
  const script = outputFiles.map(({ text }) => text).join('')
  return {
    '/': { status: 200, type: 'text/html', content: page },
    '/style.css': { status: 200, type: 'text/css', content: style },
    '/page.js': { status: 200, type: 'text/javascript', content: script },
  }
}

/** Reads what a person wants; `undefined` where it says nothing that can be done. */
async function readWish(request: IncomingMessage): Promise<Wish | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_WISH_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    const wish: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return isWish(wish) ? wish : undefined
  } catch {
    return undefined // not JSON
  }
}

function isWish(value: unknown): value is Wish {
  if (typeof value !== 'object' || value === null) return false
  const { as, reason, want, proposal, seen }: { [key in keyof Extract<Wish, { seen: string }>]?: unknown } = value
  if (typeof as !== 'string' || typeof reason !== 'string') return false
  if (want === 'freeze' || want === 'thaw') return true
  return (want === 'approve' || want === 'deny') && typeof proposal === 'string' && typeof seen === 'string'
}

function toText(status: number, content: string): Reply {
  return { status, type: 'text/plain', content }
}

function toJson(status: number, value: unknown): Reply {
  return { status, type: 'application/json', content: JSON.stringify(value) }
}
