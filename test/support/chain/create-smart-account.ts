import {
  type Address,
  concatHex,
  decodeAbiParameters,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  parseAbi,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { EvmAccount } from '../../../schemes/evm/index.js'
import { compileContracts } from './compile.js'
import type { Chain } from './create-chain.js'

const constructorAbi = parseAbi(['constructor(address owner)'])
const factoryAbi = parseAbi([
  'function create(address owner) returns (address)',
  'function addressOf(address owner) view returns (address)',
])

/** ERC-6492's mark at the end of a signature of an account that isn't there yet. */
const MAGIC: Hex = `0x${'6492'.repeat(16)}`

/** An account that is a contract: what it is asked to sign, its owner signs. */
export type SmartAccount = EvmAccount & { readonly address: Address }

/** Deploys an account with a fresh owner. */
export async function createSmartAccount(chain: Chain): Promise<SmartAccount> {
  const owner = privateKeyToAccount(generatePrivateKey())
  const address = await deploySmartAccount(chain, owner.address)
  return { address, signTypedData: async (typedData) => wrap(await owner.signTypedData(typedData)) }
}

/** Deploys the contract; without an owner it is code for plain accounts to delegate to. */
export async function deploySmartAccount(chain: Chain, owner: Address): Promise<Address> {
  const { SmartAccount: bytecode } = await compileContracts()
  return deploy(chain, encodeDeployData({ abi: constructorAbi, bytecode, args: [owner] }))
}

/** Deploys what deploys accounts. */
export async function deploySmartAccountFactory(chain: Chain): Promise<Address> {
  return deploy(chain, (await compileContracts()).SmartAccountFactory)
}

/** An account that the factory would deploy, and hasn't: its signatures say how (ERC-6492). */
export async function createUndeployedAccount(chain: Chain, factory: Address): Promise<SmartAccount> {
  const owner = privateKeyToAccount(generatePrivateKey())
  const contract = { address: factory, abi: factoryAbi, args: [owner.address] } as const
  const address = await chain.publicClient.readContract({ ...contract, functionName: 'addressOf' })
  const deployment = encodeFunctionData({ abi: factoryAbi, functionName: 'create', args: [owner.address] })
  return {
    address,
    async signTypedData(typedData) {
      const signature = wrap(await owner.signTypedData(typedData))
      const types = [{ type: 'address' }, { type: 'bytes' }, { type: 'bytes' }] as const
      return concatHex([encodeAbiParameters(types, [factory, deployment, signature]), MAGIC])
    },
  }
}

const wrapping = [{ type: 'string' }, { type: 'bytes' }] as const

function wrap(signature: Hex): Hex {
  const wrapped = encodeAbiParameters(wrapping, ['owner of a test account', signature])
  if (decodeAbiParameters(wrapping, wrapped)[1] !== signature) throw new Error('the signature was not wrapped')
  return wrapped
}

async function deploy(chain: Chain, data: Hex): Promise<Address> {
  const hash = await chain.facilitator.sendTransaction({ data })
  const { contractAddress } = await chain.publicClient.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('nothing was deployed')
  return contractAddress
}
