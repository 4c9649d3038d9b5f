import {
  type Base64EncodedWireTransaction,
  getBase64EncodedWireTransaction,
  getBase64Encoder,
  getTransactionDecoder,
  type KeyPairSigner,
  partiallySignTransaction,
} from '@solana/kit'

/** Adds the fee payer's signature, as a facilitator does that looks at nothing. */
export async function cosign(feePayer: KeyPairSigner, wire: string): Promise<string> {
  const bytes = getBase64Encoder().encode(wire as Base64EncodedWireTransaction)
  const signed = await partiallySignTransaction([feePayer.keyPair], getTransactionDecoder().decode(bytes))
  return getBase64EncodedWireTransaction(signed)
}
