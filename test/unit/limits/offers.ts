import type { Terms, Unit } from '../../../src/flow/ports.js'

export const network = 'eip155:8453'
export const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const EURC = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42'
export const usdcUnit: Unit = `${network}/${USDC.toLowerCase()}`
export const eurcUnit: Unit = `${network}/${EURC.toLowerCase()}`
/** A cent, as charges count it. */
export const CENT = 10n ** 16n

/** An offer in USDC, which the scheme knows. */
export function usdc(amount: bigint, change: Partial<Terms> = {}): Terms {
  const known = { asset: USDC, decimals: 6, symbol: 'USDC' }
  return { network, asset: USDC, amount, payTo: '0x1', host: 'api.example.com', tags: [], known, ...change }
}

/** An offer in EURC, which no scheme knows. */
export function eurc(amount: bigint): Terms {
  return { ...usdc(amount), asset: EURC, known: undefined }
}
