import { type Address, createWalletClient, http, parseAbi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { approvePermit2, ExactEvmScheme, UptoEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import type { Chain } from '../../support/chain/create-chain.js'
import { permit2Addresses, plainToken } from '../../support/chain/deploy-permit2.js'
import { testUsdAbi } from '../../support/chain/test-usd-abi.js'

const permit2Abi = parseAbi(['function nonceBitmap(address owner, uint256 word) view returns (uint256)'])

/** How a buyer is made. */
export type Permit2BuyerOptions = Pick<ExactEvmScheme.Options, 'allowance'> & {
  /** Whether its schemes can ask the chain. @default true */
  asks?: boolean
  /** Options of its client. */
  client?: Omit<ClientOptions, 'limits'> & { limits?: LimitsOptions }
}

/** Creates a buyer of ours who can pay by either scheme: with a dollar in each token, and no ether. */
export async function createPermit2Buyer(
  chain: Chain,
  { asks = true, allowance, client: clientOptions }: Permit2BuyerOptions = {},
) {
  const { publicClient, network, usdc } = chain
  const account = privateKeyToAccount(generatePrivateKey())
  const owner = account.address
  const wallet = createWalletClient({ account, transport: http(chain.url) })
  await chain.mint(owner, 1_000_000n)
  const minted = await chain.facilitator.writeContract({
    address: plainToken,
    abi: testUsdAbi,
    functionName: 'mint',
    args: [owner, 1_000_000n],
  })
  await publicClient.waitForTransactionReceipt({ hash: minted })
  const options = { allowance, sender: wallet, ...(asks && { rpc: { [network]: chain.url } }) }
  const assets = [{ network, asset: plainToken, symbol: 'PLN', decimals: 6, perPayment: '10000' }]
  const client = new x402Client({ ...clientOptions, limits: { assets, ...clientOptions?.limits } })
    .register('eip155:*', new ExactEvmScheme(account, options))
    .register('eip155:*', new UptoEvmScheme(account, options))

  const read = <Name extends 'balanceOf' | 'allowance'>(asset: Address, functionName: Name, args: readonly Address[]) =>
    publicClient.readContract({ address: asset, abi: testUsdAbi, functionName, args: args as never }) as Promise<bigint>
  return {
    owner,
    client,
    fetch: wrapFetchWithPayment(fetch, client),
    balance: (asset = usdc) => read(asset, 'balanceOf', [owner]),
    allowance: (asset = usdc) => read(asset, 'allowance', [owner, permit2Addresses.permit2]),
    ether: () => publicClient.getBalance({ address: owner }),
    transactions: () => publicClient.getTransactionCount({ address: owner }),
    /** Sends the approval itself, on ether of its own. */
    approve: async (amount: bigint, asset = usdc) => {
      await chain.fund(owner)
      const { transaction } = await approvePermit2(wallet, { network, asset, amount })
      await publicClient.waitForTransactionReceipt({ hash: transaction })
    },
    /** Whether Permit2 has taken or canceled a nonce. */
    isUsed: async (nonce: string) => {
      const [word, bit] = [BigInt(nonce) >> 8n, BigInt(nonce) & 255n]
      const bitmap = await publicClient.readContract({
        address: permit2Addresses.permit2,
        abi: permit2Abi,
        functionName: 'nonceBitmap',
        args: [owner, word],
      })
      return ((bitmap >> bit) & 1n) === 1n
    },
  }
}
