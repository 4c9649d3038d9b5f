import { Address, Networks, scValToBigInt, TransactionBuilder, type xdr } from '@stellar/stellar-sdk'
import type { Described, PaymentRequirements } from 'pay402'

const PASSPHRASES: Readonly<Record<string, string>> = {
  'stellar:pubnet': Networks.PUBLIC,
  'stellar:testnet': Networks.TESTNET,
}

/** Reads what a payload of `@x402/stellar` lets others take: what its one signed entry calls, and nothing else. */
export function describeStellarPayload(payload: unknown, { network }: PaymentRequirements): Described | undefined {
  const entry = readSignedEntry(payload, PASSPHRASES[network] ?? '')
  if (entry === undefined) return undefined
  const root = entry.rootInvocation()
  const call = root.function().value()
  // Another call below it, or the deployment of a contract, could take anything.
  if (root.subInvocations().length > 0 || !('contractAddress' in call)) return undefined
  const [from, to, amount, ...more] = call.args()
  if (from === undefined || to === undefined || amount === undefined || more.length > 0) return undefined
  const credentials = entry.credentials().address()
  const payer = Address.fromScVal(from).toString()
  if (call.functionName().toString() !== 'transfer') return undefined
  if (Address.fromScAddress(credentials.address()).toString() !== payer) return undefined
  return {
    payer,
    payTo: Address.fromScVal(to).toString(),
    asset: Address.fromScAddress(call.contractAddress()).toString(),
    amount: scValToBigInt(amount),
    // It ends with a ledger, and no clock can tell when that comes.
    validUntilSeconds: Number.POSITIVE_INFINITY,
    nonce: credentials.nonce().toString(),
  }
}

/** The entry that the buyer signed. The transaction around it is the facilitator's, and isn't signed by anyone yet. */
function readSignedEntry(payload: unknown, passphrase: string): xdr.SorobanAuthorizationEntry | undefined {
  const { transaction: text, ...others } = new Object(payload) as { transaction?: unknown }
  if (typeof text !== 'string' || Object.keys(others).length > 0) return undefined
  const transaction = TransactionBuilder.fromXDR(text, passphrase)
  if ('innerTransaction' in transaction || transaction.signatures.length > 0) return undefined
  const [operation, ...moreOperations] = transaction.operations
  if (operation?.type !== 'invokeHostFunction' || moreOperations.length > 0) return undefined
  const [entry, ...moreEntries] = operation.auth ?? []
  const isByAddress = entry?.credentials().switch().name === 'sorobanCredentialsAddress'
  return isByAddress && moreEntries.length === 0 ? entry : undefined
}
