import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
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

type Files = { readonly page: string; readonly style: string; readonly script: string }

/** More than any reason that the desk keeps. */
const MAX_WISH_BYTES = 8192

/** Leaves the token's address behind: it's in no history, and the cookie goes along, wherever the click came from. */
const WELCOME = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>The desk</title>'

/**
 * Starts a page that lists what waits, and lets people say yes or no.
 *
 * It's served over plain HTTP on the loopback; to reach it from elsewhere, use a tunnel of SSH. Other pages are kept out, see `createGuard`; programs
 * on this machine that can read your browser's cookies aren't.
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

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = guard.refuse(request)
    if (refusal !== undefined) return send(response, refusal.status, 'text/plain', refusal.why)
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const token = searchParams.get('token')
    if (token !== null) return welcome(guard, token, response)
    const you = guard.readPerson(request)
    if (you === undefined) return send(response, 401, 'text/plain', 'Open the address that the program printed.')
    const now = Math.floor(nowSeconds())

    const key = `${request.method} ${pathname}`
    if (key === 'GET /') return send(response, 200, 'text/html', files.page)
    if (key === 'GET /style.css') return send(response, 200, 'text/css', files.style)
    if (key === 'GET /page.js') return send(response, 200, 'text/javascript', files.script)
    if (key === 'GET /board') return sendJson(response, 200, await readBoard(desk, you, now))
    if (key !== 'POST /decide') return send(response, 404, 'text/plain', 'There is no such page.')
    const wish = await readWish(request)
    if (wish === undefined) return send(response, 400, 'text/plain', 'This is no decision.')
    if (wish.as !== you) {
      const told = `This browser is signed in as ${you} now. Load the page again. What you clicked changed nothing.`
      return sendJson(response, 409, { isDone: false, told } satisfies Outcome)
    }
    const outcome = await takeTurn(wish)
    sendJson(response, outcome.isDone ? 200 : 409, outcome)
  }

  server.on('request', (request, response) => {
    // What went wrong is for the one who runs the desk, not for the browser.
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`The desk failed: ${error instanceof Error ? error.message : 'for an unknown reason'}\n`)
      if (!response.headersSent) send(response, 500, 'text/plain', 'The desk failed. Its terminal says why.')
    })
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

function welcome(guard: Guard, token: string, response: ServerResponse): void {
  if (guard.personOf(token) === undefined) return send(response, 403, 'text/plain', 'This address is no longer valid.')
  response.setHeader('set-cookie', guard.toCookie(token))
  send(response, 200, 'text/html', WELCOME)
}

async function readFiles(): Promise<Files> {
  const at = (name: string) => new URL(name, import.meta.url)
  const entryPoints = [fileURLToPath(at('page.ts'))]
  const [page, style, { outputFiles }] = await Promise.all([
    readFile(at('index.html'), 'utf8'),
    readFile(at('style.css'), 'utf8'),
    build({ entryPoints, bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'silent' }),
  ])
  return { page, style, script: outputFiles.map(({ text }) => text).join('') }
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

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', JSON.stringify(value))
}

function send(response: ServerResponse, status: number, type: string, content: string): void {
  response.writeHead(status, { ...SAFE_HEADERS, 'content-type': `${type}; charset=utf-8` })
  response.end(content)
}
