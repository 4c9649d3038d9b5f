import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Decides which requests may see the desk, and who made them. */
export type Guard = {
  /** The address to print for each person. Anyone who has it decides in that person's name, so send it to no one else. */
  readonly addresses: Readonly<Record<string, string>>
  /** Why a request is turned away, before anything of it is looked at; `undefined` where it's for this page. */
  refuse(request: IncomingMessage): Refusal | undefined
  /** Who has a token; `undefined` for a token that was never given out. */
  personOf(token: string): string | undefined
  /** Who a request is from, by its cookie. */
  readPerson(request: IncomingMessage): string | undefined
  /** The header that has the browser remember a token, until it's closed. */
  toCookie(token: string): string
}

export type Refusal = { readonly status: number; readonly why: string }

/** Sent with everything: no page may frame, read or script this one, and this one loads nothing from elsewhere. */
export const SAFE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/** As many bits as a key has. */
const TOKEN_BYTES = 32

/**
 * Makes a guard for a page on the loopback, with a new token for each person.
 *
 * A port keeps no one out: every page that the browser has open can send requests here, and a host name of a stranger can be made to lead here
 * (DNS rebinding). So it isn't enough that a request arrives. It must name this very host; must have a token; and what changes something must say
 * that this page sent it, which a browser lets no other page claim.
 *
 * @param host - With its port, such as `127.0.0.1:8402`.
 * @param people - Who may decide.
 */
export function createGuard(host: string, people: readonly string[]): Guard {
  const origin = `http://${host}`
  // Cookies are shared by all ports of a host, so each page has its own name for its own.
  const cookieName = `desk-${host.replace(/\W+/g, '-')}`
  const tokens = people.map((person) => ({ person, token: randomBytes(TOKEN_BYTES).toString('base64url') }))

  function personOf(token: string): string | undefined {
    let found: string | undefined
    // All are compared, each in constant time, so that how long it takes tells nothing.
    for (const one of tokens) if (isSame(one.token, token)) found = one.person
    return found
  }

  return {
    addresses: Object.fromEntries(tokens.map(({ person, token }) => [person, `${origin}/?token=${token}`])),
    personOf,
    refuse({ method, headers }) {
      if (headers.host !== host) return { status: 421, why: `This desk is at ${origin}, and at no other name.` }
      if (method === 'GET') return undefined
      if (method !== 'POST') return { status: 405, why: 'Only GET and POST are understood.' }
      if (headers.origin !== origin) return { status: 403, why: 'Only the page of this desk may decide.' }
      const isJson = headers['content-type'] === 'application/json'
      return isJson ? undefined : { status: 415, why: 'A decision is JSON.' }
    },
    readPerson({ headers }) {
      const pairs = (headers.cookie ?? '').split(/; */).map((pair) => pair.split('='))
      return personOf(pairs.find(([name]) => name === cookieName)?.[1] ?? '')
    },
    toCookie: (token) => `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  }
}

/** Digests have one length, whatever was given. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
