import type { AskedTerms, Assessment } from '../../../src/payment/limits.js'
import type { Unit } from '../../../src/payment/payment.js'

export const network = 'eip155:8453'
export const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const EURC = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42'
export const usdcUnit: Unit = `${network}/${USDC.toLowerCase()}`
export const eurcUnit: Unit = `${network}/${EURC.toLowerCase()}`
/** A cent, as charges count it. */
export const CENT = 10n ** 16n

/** An offer in USDC, which the scheme knows. */
export function usdc(amount: bigint, change: Partial<AskedTerms> = {}): AskedTerms {
  const known = { asset: USDC, decimals: 6, symbol: 'USDC' }
  const host = 'api.example.com'
  return {
    network,
    asset: USDC,
    amount,
    payTo: '0x1',
    host,
    resource: `GET https://${host}/`,
    tags: [],
    known,
    ...change,
  }
}

/** An offer in EURC, which no scheme knows. */
export function eurc(amount: bigint): AskedTerms {
  return { ...usdc(amount), asset: EURC, known: undefined }
}

/** An assessment as data, to be compared: what its watches would tell of a cap that is full, in place of what tells it. */
export function toData(assessment: Assessment): object {
  if ('refusal' in assessment) return assessment
  const { watches = [], ...facts } = assessment
  const tellFull = ({ caps, approaches }: (typeof watches)[number]) =>
    caps.map((cap) => approaches(cap, { held: 0n, spent: cap.amount ?? 0n, count: cap.count ?? 0 }))
  return { ...facts, watches: watches.map((watch) => ({ caps: watch.caps, full: tellFull(watch) })) }
}
