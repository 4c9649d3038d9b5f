import { readChainId } from '../../../schemes/evm/chain-id.js'
import type { Hex } from '../../../schemes/evm/hex.js'
import { PERMIT2 } from '../../../schemes/evm/permit2/contracts.js'
import { decodeBase58 } from '../../../schemes/svm/wire/encoding.js'
import { decodeTransaction } from '../../../schemes/svm/wire/transaction.js'
import type { Described } from '../../payment/scheme.js'
import { isSameAddress } from '../../wire/address.js'
import { isJsonObject, type JsonObject } from '../../wire/json.js'
import type { PaymentRequirements } from '../../wire/requirements.js'

/**
 * Whether a signature is the payer's. `unchecked` where nothing here can tell: viem isn't installed, or the platform has no Ed25519. The kit
 * has no cryptography of its own.
 */
export type Checked = 'valid' | 'invalid' | 'unchecked'

/** Fields of EIP-712 structs, written from the standards and not by what signs. */
const ADDRESS = 'address'
const NUMBER = 'uint256'
const TYPES = {
  // EIP-3009
  TransferWithAuthorization: toFields({
    from: ADDRESS,
    to: ADDRESS,
    value: NUMBER,
    validAfter: NUMBER,
    validBefore: NUMBER,
    nonce: 'bytes32',
  }),
  // Permit2, `ISignatureTransfer`, with the witness of the x402 proxies
  PermitWitnessTransferFrom: toFields({
    permitted: 'TokenPermissions',
    spender: ADDRESS,
    nonce: NUMBER,
    deadline: NUMBER,
    witness: 'Witness',
  }),
  TokenPermissions: toFields({ token: ADDRESS, amount: NUMBER }),
}
const EXACT_WITNESS = toFields({ to: ADDRESS, validAfter: NUMBER })
const UPTO_WITNESS = toFields({ to: ADDRESS, facilitator: ADDRESS, validAfter: NUMBER })

/** Recovers who signed an EVM payment, with viem. An account that is a contract can't be told without its chain, and is refused. */
export async function checkEvmSignature(
  payload: unknown,
  { network, asset, extra, scheme }: PaymentRequirements,
  { payer }: Described,
): Promise<Checked> {
  const recover = await loadRecover()
  if (recover === undefined) return 'unchecked'
  if (!isJsonObject(payload) || !isHex(asset)) return 'invalid'
  const { authorization, permit2Authorization, signature } = payload
  const chainId = readChainId(network)
  const domain =
    permit2Authorization === undefined
      ? { name: String(extra['name']), version: String(extra['version']), chainId, verifyingContract: asset }
      : { name: 'Permit2', chainId, verifyingContract: PERMIT2 }
  const types: Record<string, unknown> = { ...TYPES, Witness: scheme === 'upto' ? UPTO_WITNESS : EXACT_WITNESS }
  const primaryType = permit2Authorization === undefined ? 'TransferWithAuthorization' : 'PermitWitnessTransferFrom'
  const message = authorization ?? permit2Authorization
  if (!isJsonObject(message) || !isHex(signature)) return 'invalid'
  try {
    const signer = await recover({ domain, types, primaryType, message, signature })
    return isSameAddress(signer, payer) ? 'valid' : 'invalid'
  } catch {
    return 'invalid' // no signature of a key
  }
}

/** Checks the payer's signature of a transaction, with the platform's Ed25519. */
export async function checkSolanaSignature(
  payload: unknown,
  _requirements: PaymentRequirements,
  { payer }: Described,
): Promise<Checked> {
  const { transaction } = isJsonObject(payload) ? payload : ({} as JsonObject)
  const decoded = decodeTransaction(transaction)
  const publicKey = decodeBase58(payer, 32)
  const [, signature] = decoded?.signatures ?? []
  if (decoded === undefined || publicKey === undefined || signature === undefined) return 'invalid'
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  } catch {
    return 'unchecked' // the platform has none
  }
  const isValid = await crypto.subtle.verify(
    'Ed25519',
    key,
    Uint8Array.from(signature),
    Uint8Array.from(decoded.message),
  )
  return isValid ? 'valid' : 'invalid'
}

/** viem is the user's, and optional. */
async function loadRecover() {
  try {
    return (await import('viem')).recoverTypedDataAddress
  } catch {
    return undefined
  }
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && value.startsWith('0x')
}

function toFields(fields: Readonly<Record<string, string>>): readonly { name: string; type: string }[] {
  return Object.entries(fields).map(([name, type]) => ({ name, type }))
}
