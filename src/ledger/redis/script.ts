import { bytesToHex } from '@noble/hashes/utils.js'
import type { Ask } from '../engine/store.js'
import { FRAME } from './lua/frame.js'
import { READING } from './lua/reading.js'
import { STEPS } from './lua/steps.js'
import { createUnreadable } from './reply-error.js'

/** Sends one command to Redis, as its name and its arguments, and resolves to the reply. */
export type Send = (args: readonly string[]) => Promise<unknown>

/** What the engine is told of what it once told this process. */
export type LastSeen = { readonly fence: string; readonly revision: number }

/** A reply. `rest` is what goes with `is`, all of it text. */
export type Reply = {
  readonly fence: string
  readonly revision: number
  readonly atMs: number
  readonly is: string
  readonly rest: readonly string[]
}

/** The steps that there are. */
export type Verb = keyof typeof BODIES

/** Carries out one step: a script, atomically. What goes with it is text, as the step takes it. */
export type Script = (verb: Verb, given: readonly string[], ask: Ask, lastSeen: LastSeen) => Promise<Reply>

/** A script for each step, since making the functions that only others need takes longer than the step does. */
const BODIES = { ...READING, ...STEPS }

const VERBS = Object.keys(BODIES) as readonly Verb[]

const toText = (verb: Verb): string => `${FRAME}${BODIES[verb]}`

/** Meta, rows, places, deals, sums, names, open, unresolved, pins, what processes have, leases, register: `KEYS` of the script. */
const KEYS = ['m', 'r', 'p', 'd', 'w', 'x', 'o', 'u', 'i', 'h', 'l', 'g']

/**
 * Creates the script of one ledger.
 *
 * @param send - Sends commands.
 * @param budget - Names the keys, all of one hash slot.
 */
export async function createScript(send: Send, budget: string): Promise<Script> {
  const keys = KEYS.map((key) => `pay402:{${budget}}:${key}`)
  const shas = new Map<Verb, string>()
  for (const verb of VERBS) shas.set(verb, await digest(toText(verb)))

  return async (verb, given, { owner, leaseMs, deadlineMs, nowSeconds }, { fence, revision }) => {
    const ask = [owner, String(leaseMs), String(deadlineMs ?? ''), String(nowSeconds ?? ''), fence, String(revision)]
    const rest = [String(keys.length), ...keys, verb, ...ask, ...given]
    try {
      return readReply(await send(['EVALSHA', shas.get(verb) ?? '', ...rest]))
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
      return readReply(await send(['EVAL', toText(verb), ...rest]))
    }
  }
}

async function digest(text: string): Promise<string> {
  return bytesToHex(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))))
}

function readReply(reply: unknown): Reply {
  if (!Array.isArray(reply) || !reply.every((part) => typeof part === 'string')) throw createUnreadable()
  const [fence, revision, atMs, is, ...rest]: readonly string[] = reply
  if (fence === undefined || is === undefined) throw createUnreadable()
  return { fence, revision: Number(revision), atMs: Number(atMs), is, rest }
}
