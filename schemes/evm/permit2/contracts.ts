import type { Hex } from '../hex.js'

/** Permit2, at the same address on every chain. Source: `PERMIT2_ADDRESS` of `@x402/evm` 2.27. */
export const PERMIT2: Hex = '0x000000000022D473030F116dDEE9F6B43aC78BA3'

/** Moves exactly what was signed, to no one but the recipient. Source: `x402ExactPermit2ProxyAddress` of `@x402/evm` 2.27. */
export const EXACT_PROXY: Hex = '0x402085c248EeA27D92E8b30b2C58ed07f9E20001'

/**
 * Moves up to what was signed, to no one but the recipient, for no one but the facilitator that was signed for. Source:
 * `x402UptoPermit2ProxyAddress` of `@x402/evm` 2.27.
 */
export const UPTO_PROXY: Hex = '0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002'
