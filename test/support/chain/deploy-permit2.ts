import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Address, type Hex, keccak256 } from 'viem'
import { compileContracts } from './compile.js'
import type { Chain } from './create-chain.js'

/** Where the contracts of payments through Permit2 are on every chain. Source: `@x402/evm` 2.27. */
export const permit2Addresses = {
  permit2: '0x000000000022D473030F116dDEE9F6B43aC78BA3',
  exactProxy: '0x402085c248EeA27D92E8b30b2C58ed07f9E20001',
  uptoProxy: '0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002',
} as const satisfies Record<string, Address>

/** A token that has neither EIP-3009 nor EIP-2612, and no name that anybody knows. */
export const plainToken: Address = '0x1000000000000000000000000000000000000402'

/** A contract that calls whatever it is told to. */
export const relay: Address = '0x2000000000000000000000000000000000000402'

/** Puts Permit2, as it is deployed elsewhere, both proxies, a plain token and a relay on a chain, each at its address. */
export async function deployPermit2(chain: Chain): Promise<void> {
  const [code, contracts] = await Promise.all([readPermit2(), compileContracts()])
  await chain.setCode(permit2Addresses.permit2, code)
  await chain.deployAt(permit2Addresses.exactProxy, contracts.X402ExactProxy)
  await chain.deployAt(permit2Addresses.uptoProxy, contracts.X402UptoProxy)
  await chain.deployAt(plainToken, contracts.PlainToken)
  await chain.deployAt(relay, contracts.Relay)
}

/** The package of Uniswap that has the deployed code of Permit2, and the file that tests of theirs put it on a chain with. */
const holder = '@uniswap/v4-periphery'
const file = 'lib/permit2/test/utils/DeployPermit2.sol'

/** Keccak-256 of that code. Only the chain that it remembers (31337) is another than on Ethereum; on any other it looks again. */
const codeHash = '0xa1ad0529565c25202190d4ae7f75d4ca08dc432cc760544ee7d0313b68e82ecd'

async function readPermit2(): Promise<Hex> {
  const folder = dirname(createRequire(import.meta.url).resolve(`${holder}/package.json`))
  const [, digits] = /hex"([0-9a-f]+)"/.exec(await readFile(join(folder, file), 'utf8')) ?? []
  const code: Hex = `0x${digits}`
  if (keccak256(code) !== codeHash) throw new Error(`${holder} holds another code of Permit2 than it did`)
  return code
}
