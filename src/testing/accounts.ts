import type { Network } from '../wire/network.js'

/** Where the kit sells on EVM chains unless an offer says otherwise: Base Sepolia. */
export const EVM_NETWORK: Network = 'eip155:84532'

/**
 * Accounts whose keys everyone knows, so that they own nothing that lasts: for buyers in tests.
 *
 * Never send anything to them on a mainnet. On EVM chains it is the first account of anvil and Hardhat; on Solana it is the key of the
 * first test vector of Ed25519.
 *
 * @example
 * ```ts
 * import { privateKeyToAccount } from 'viem/accounts'
 *
 * privateKeyToAccount(testAccounts.evm.privateKey).address //=> '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
 * ```
 */
export const testAccounts = {
  evm: {
    address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
    /** Source: the mnemonic `test test test test test test test test test test test junk`, account 0. */
    privateKey: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  },
  solana: {
    address: 'FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z',
    /** Source: RFC 8032, section 7.1, TEST 1; in base58, as `toClientSvmSigner` takes it. */
    secretKey: 'BbMQkQYZspmkytduTWvXEtc4mMURjsekJDvty2WtKeSb',
  },
} as const

/** Accounts of sellers, next to those of {@link testAccounts}: who is paid, and who settles. */
export const sellerAccounts = {
  evm: {
    /** Account 1 of the same mnemonic. */
    payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    /** Account 2. */
    facilitator: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  },
  solana: {
    /** RFC 8032, section 7.1, TEST 2. */
    payTo: '586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5',
    /** TEST 3. */
    facilitator: 'Hyx62wPQGyvXCoihZq1BrbUjBRh2LuNxWiiqMkfAuSZr',
  },
} as const
