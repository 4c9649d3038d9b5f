import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import { readAddress } from '../address.js'
import { createEvmChain } from '../chain/chain.js'
import { createEvmRpc } from '../chain/rpc.js'
import { readRpcSources } from '../chain/rpc-sources.js'
import { readChainId } from '../chain-id.js'
import { type Hex, toWord } from '../hex.js'
import type { permit2Allowance } from './allowance.js'
import { PERMIT2 } from './contracts.js'

/** `allowance(address,address)`, hashed, its first four bytes. Source: EIP-20. */
const ALLOWANCE = '0xdd62ed3e'

/** Reads what `permit2Allowance` is asked. */
export async function readAllowance(of: permit2Allowance.Options): Promise<bigint> {
  assertOptions(of, 'permit2Allowance', ['rpc', 'network', 'asset', 'owner'])
  const { network } = of
  const chainId = readChainId(network)
  if (chainId === undefined) throw invalidOption('permit2Allowance.network', '`eip155:` and a chain id')
  const [source] = readRpcSources({ [network]: of.rpc }).get(network) ?? []
  if (source === undefined) throw invalidOption('permit2Allowance.rpc', 'an http(s) URL, or an object with `request`')
  const chain = createEvmChain(createEvmRpc(source), chainId)
  const data: Hex = `${ALLOWANCE}${toWord(readAccount(of.owner, 'owner'))}${toWord(PERMIT2)}`
  return chain.readWord(readAccount(of.asset, 'asset'), data, 'latest')
}

function readAccount(value: string, name: string): Hex {
  const address = readAddress(value)
  if ('problem' in address) throw invalidOption(`permit2Allowance.${name}`, 'an address')
  return address.value
}
