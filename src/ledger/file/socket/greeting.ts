// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { drawHex } from '../../../payment/random.js'

/** Goes up when one side would misread the other. */
export const PROTOCOL = 1

/** A number that is used once, so that no proof can be replayed. */
export function createNonce(): string {
  return drawHex(16)
}

/**
 * Proves that a side knows the secret of a lock, without telling it to who may only have the socket's name.
 *
 * @param side - Whose proof it is: one of the other side is none.
 * @param server - The server's nonce.
 * @param client - The client's nonce.
 */
export function prove(secret: string, side: 'client' | 'server', server: string, client: string): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([PROTOCOL, side, server, client]))
    .digest('hex')
}

/** Whether a proof is the expected one; takes the same time for any. */
export function isProof(proof: unknown, expected: string): boolean {
  if (typeof proof !== 'string' || proof.length !== expected.length) return false
  return timingSafeEqual(Buffer.from(proof), Buffer.from(expected))
}
