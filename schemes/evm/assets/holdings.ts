import type { Holdings } from '../../../src/payment/scheme.js'
import type { Decoded } from '../../../src/wire/json.js'
import { createEvmChain, type EvmChain } from '../chain/chain.js'
import { createEvmRpc } from '../chain/rpc.js'
import { type Hex, toWord } from '../hex.js'
import { PERMIT2 } from '../permit2/contracts.js'
import { type EvmSetup, findSources } from '../setup.js'
import type { Transfer } from '../transfer.js'
import { BALANCE_OF, FUNDING_TIMEOUT_MS } from './funding.js'

/** `allowance(address,address)`, hashed, its first four bytes. Source: EIP-20. */
const ALLOWANCE = '0xdd62ed3e'

/** Terms of either way; those through Permit2 name who may use the signature. */
type Terms = Pick<Transfer, 'chainId' | 'asset'> & { readonly spender?: Hex | undefined }

/** Reads what `payer` holds of a token, and what Permit2 may take of it if the payment goes through that, by the first source that answers. */
export async function readHoldings(setup: EvmSetup, read: Decoded<Terms>, payer: Hex): Promise<Holdings> {
  if ('problem' in read) return {}
  const { chainId, asset, spender } = read.value
  const chains = (findSources(setup, chainId) ?? []).map((source) =>
    createEvmChain(createEvmRpc(source, FUNDING_TIMEOUT_MS), chainId),
  )
  const [balance, amount] = await Promise.all([
    ask(chains, asset, `${BALANCE_OF}${toWord(payer)}`),
    spender && ask(chains, asset, `${ALLOWANCE}${toWord(payer)}${toWord(PERMIT2)}`),
  ])
  return { balance, allowance: amount === undefined ? undefined : { spender: PERMIT2, amount } }
}

async function ask(chains: readonly EvmChain[], asset: Hex, data: Hex): Promise<bigint | undefined> {
  try {
    return await Promise.any(chains.map((chain) => chain.readWord(asset, data, 'latest')))
  } catch {
    return undefined // nobody answered, and nothing was learned
  }
}
