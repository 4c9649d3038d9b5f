import { bytesToHex } from '@noble/hashes/utils.js'
import type { Ask } from '../engine/store.js'
import { ARITHMETIC } from './lua/arithmetic.js'
import { FRAME } from './lua/frame.js'
import { READING } from './lua/reading.js'
import { LISTS, ROWS } from './lua/rows.js'
import { STEPS } from './lua/steps.js'
import { SUMS } from './lua/sums.js'
import { WRITING } from './lua/writing.js'
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

/** Carries out one step: a script, atomically. */
export type Script = (verb: string, body: unknown, ask: Ask, lastSeen: LastSeen) => Promise<Reply>

/** All that is done with a ledger, in one script, so that the engine has it once. */
const TEXT = [ARITHMETIC, FRAME, LISTS, ROWS, READING, SUMS, WRITING, STEPS].join('')

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
  const digest = await globalThis.crypto.subtle.digest('SHA-1', new TextEncoder().encode(TEXT))
  const sha = bytesToHex(new Uint8Array(digest))

  return async (verb, body, { owner, leaseMs, deadlineMs, nowSeconds }, { fence, revision }) => {
    const ask = { owner, lease: leaseMs, deadline: deadlineMs, now: nowSeconds, fence, rev: revision }
    const given = [String(keys.length), ...keys, verb, JSON.stringify(ask), JSON.stringify(body)]
    try {
      return readReply(await send(['EVALSHA', sha, ...given]))
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
      return readReply(await send(['EVAL', TEXT, ...given]))
    }
  }
}

function readReply(reply: unknown): Reply {
  if (!Array.isArray(reply) || !reply.every((part) => typeof part === 'string')) throw createUnreadable()
  const [fence, revision, atMs, is, ...rest]: readonly string[] = reply
  if (fence === undefined || is === undefined) throw createUnreadable()
  return { fence, revision: Number(revision), atMs: Number(atMs), is, rest }
}
