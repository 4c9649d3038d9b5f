import { type Address, createTestClient, defineChain, type Hex, http, type PublicClient, parseEther } from 'viem'
import { compileContracts } from './compile.js'
import { createLocalClient } from './create-local-client.js'
import { createWallet, type Wallet } from './create-wallet.js'
import { startAnvil } from './start-anvil.js'
import { testUsdAbi } from './test-usd-abi.js'

/** USDC on Base Sepolia, from Circle's list: https://developers.circle.com/stablecoins/usdc-contract-addresses */
const baseSepoliaUsdc = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
/** Multicall3, the same on every chain: https://www.multicall3.com/deployments */
const multicall3 = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** A chain of its own with a dollar on it. */
export type Chain = {
  /** Its JSON-RPC address. */
  url: string
  chainId: number
  /** As x402 writes it: `eip155:84532`. */
  network: `eip155:${number}`
  /** Where the dollar is. On the default chain that is the address of the real one. */
  usdc: Address
  /** The name in the dollar's EIP-712 domain, whose version is 2. */
  usdcName: string
  publicClient: PublicClient
  /** A funded wallet for whoever settles. */
  facilitator: Wallet
  /** Makes `amount` atomic units (millionths of a dollar) out of nothing. */
  mint: (to: Address, amount: bigint) => Promise<void>
  /** Atomic units of the dollar that an account has. */
  balanceOf: (account: Address) => Promise<bigint>
  /** Whether an EIP-3009 authorization was used or cancelled. */
  authorizationState: (authorizer: Address, nonce: Hex) => Promise<boolean>
  /** Gives an account ether for gas. */
  fund: (account: Address) => Promise<void>
  /** Deploys a contract, then copies the code that its constructor left (with its immutables) to the address that others know. */
  deployAt: (address: Address, creation: Hex) => Promise<void>
  /** Puts code where a contract has to be. */
  setCode: (address: Address, code: Hex) => Promise<void>
  /** Mines a block whose time is `unixSeconds`; chain time only goes forward. */
  setTime: (unixSeconds: number | bigint) => Promise<void>
  /** Mines what waits. */
  mine: (blocks?: number) => Promise<void>
  /** `false` leaves transactions waiting until `mine`, as on a slow chain. */
  setAutomine: (on: boolean) => Promise<void>
  stop: () => Promise<void>
}

/**
 * Starts a chain, deploys the dollar, and puts it where a buyer expects it.
 *
 * @example
 * ```ts
 * const chain = await createChain()
 * const buyer = privateKeyToAccount(generatePrivateKey())
 * await chain.mint(buyer.address, 1_000_000n)
 * ```
 */
export async function createChain({
  chainId = 84_532,
  usdc = baseSepoliaUsdc,
  isBridged = false,
}: createChain.Options = {}): Promise<Chain> {
  const [contracts, anvil] = await Promise.all([compileContracts(), startAnvil({ chainId })])
  const definition = defineChain({
    id: chainId,
    name: 'pay402 test chain',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [anvil.url] } },
  })
  const publicClient = createLocalClient(definition)
  const control = createTestClient({ mode: 'anvil', chain: definition, transport: http() })
  const bank = createWallet(definition)
  const facilitator = createWallet(definition)
  const token = { address: usdc, abi: testUsdAbi } as const

  const fund = (address: Address) => control.setBalance({ address, value: parseEther('1000') })
  const setCode = (address: Address, bytecode: Hex) => control.setCode({ address, bytecode })
  const succeed = async (hash: Hex) => {
    const receipt = await publicClient.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`the transaction ${hash} was reverted`)
    return receipt
  }
  const deployAt = async (address: Address, creation: Hex) => {
    const { contractAddress } = await succeed(await bank.sendTransaction({ data: creation }))
    const code = contractAddress ? await publicClient.getCode({ address: contractAddress }) : undefined
    if (code === undefined) throw new Error('the deployment left no code')
    await setCode(address, code)
  }

  await Promise.all([fund(bank.account.address), fund(facilitator.account.address)])
  await deployAt(usdc, isBridged ? contracts.BridgedUsd : contracts.TestUsd)
  await deployAt(multicall3, contracts.Multicall)

  return {
    url: anvil.url,
    chainId,
    network: `eip155:${chainId}`,
    usdc,
    usdcName: isBridged ? 'Bridged USDC' : 'USDC',
    publicClient,
    facilitator,
    mint: async (to, amount) => {
      await succeed(await bank.writeContract({ ...token, functionName: 'mint', args: [to, amount] }))
    },
    balanceOf: (account) => publicClient.readContract({ ...token, functionName: 'balanceOf', args: [account] }),
    authorizationState: (authorizer, nonce) =>
      publicClient.readContract({ ...token, functionName: 'authorizationState', args: [authorizer, nonce] }),
    fund,
    deployAt,
    setCode,
    setTime: async (unixSeconds) => {
      await control.setNextBlockTimestamp({ timestamp: BigInt(unixSeconds) })
      await control.mine({ blocks: 1 })
    },
    mine: (blocks = 1) => control.mine({ blocks }),
    setAutomine: (on) => control.setAutomine(on),
    stop: anvil.stop,
  }
}

export declare namespace createChain {
  type Options = {
    /** @default 84532 (Base Sepolia) */
    chainId?: number | undefined
    /** Where the dollar has to be. @default Base Sepolia's USDC */
    usdc?: Address | undefined
    /** Whether the dollar is named as where Circle's was bridged to. @default false */
    isBridged?: boolean | undefined
  }
}
