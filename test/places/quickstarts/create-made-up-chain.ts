import type { FacilitatorEvmSigner } from '@x402/evm'

const SETTLER = '0x1111111111111111111111111111111111111111'

/**
 * Creates a chain on which every contract call succeeds. The official facilitator recovers the signer of a payment by itself, so
 * a wrong signature, domain, amount, time or recipient still fails.
 *
 * @param assets - Addresses that hold a contract; all others are plain accounts.
 */
export function createMadeUpChain(assets: readonly string[]): FacilitatorEvmSigner {
  const contracts = new Set(assets.map((asset) => asset.toLowerCase()))
  return {
    getAddresses: () => [SETTLER],
    getCode: async ({ address }) => (contracts.has(address.toLowerCase()) ? '0x6001' : undefined),
    readContract: async () => undefined,
    verifyTypedData: async () => true,
    writeContract: async () => `0x${'ab'.repeat(32)}`,
    sendTransaction: async () => `0x${'cd'.repeat(32)}`,
    waitForTransactionReceipt: async () => ({ status: 'success' }),
  }
}
