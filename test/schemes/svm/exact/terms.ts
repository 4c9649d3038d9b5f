import type { PaymentRequirements } from '../../../../src/protocol/requirements.js'

/** The key of the published vectors: worth nothing anywhere. */
export const SEED = new Uint8Array(32).fill(0x22)
export const PAYER = 'Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew'
export const FEE_PAYER = 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd'
export const PAY_TO = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4'
export const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'
export const BLOCKHASH = 'EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k'

/** Good terms, those of the vectors, with what a test changes. Typed as if they were read, since a seller may write anything. */
export function createTerms(changes: Readonly<Record<string, unknown>> = {}): PaymentRequirements {
  const terms = {
    scheme: 'exact',
    network: DEVNET,
    amount: '1000',
    asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
    payTo: PAY_TO,
    maxTimeoutSeconds: 60,
    ...changes,
    extra: { feePayer: FEE_PAYER, recentBlockhash: BLOCKHASH, ...new Object(changes['extra']) },
  }
  return terms as PaymentRequirements
}
