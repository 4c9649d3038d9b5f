import { ConfigurationError, X402Error } from '../../src/errors/x402-error.js'

const ANY_SIGNER = 'Pass a signer of @solana/kit, or `await toClientSvmSigner(key)` for a secret key.'

export const SIGNER_IS_KEY = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a key, not a signer.',
  hint: ANY_SIGNER,
} as const

export const SIGNER_NO_OBJECT = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is not an object.',
  hint: ANY_SIGNER,
} as const

export const SIGNER_ADDRESS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "The signer's address {problem}.",
  hint: ANY_SIGNER,
} as const

export const SIGNER_IS_PROMISE = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a promise.',
  hint: 'Wait for it: `await toClientSvmSigner(key)`.',
} as const

export const SIGNER_IS_KEYPAIR = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a Keypair of @solana/web3.js.',
  hint: 'Pass `await toClientSvmSigner(keypair.secretKey)`.',
} as const

export const SIGNER_IS_CRYPTO_KEY_PAIR = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a CryptoKeyPair.',
  hint: 'Pass `await createSignerFromKeyPair(keyPair)` of @solana/kit.',
} as const

export const SIGNER_ONLY_SENDS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer can only send.',
  hint: 'With x402 the seller sends; take a signer with `signTransactions`.',
} as const

export const SIGNER_CANNOT_SIGN = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer has neither signTransactions nor modifyAndSignTransactions.',
  hint: ANY_SIGNER,
} as const

export const KEY_LENGTH = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The key is not 32 or 64 bytes.',
  hint: 'Give bytes, or base58 as wallets export it.',
} as const

export const KEY_HALVES = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The two halves of the key are not of one key.',
  hint: 'Copy it again, whole.',
} as const

export const NO_ED25519 = {
  code: 'INSECURE_CONTEXT',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'This platform has no Ed25519.',
  hint: 'Use https, a newer browser, or a signer of @solana/kit.',
} as const

export const NOT_A_CLUSTER = {
  code: 'UNKNOWN_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `rpc` has a key that is not a cluster of Solana.',
  hint: 'Write clusters as `solana:` and the first 32 characters of their genesis hash.',
} as const

export const SIGNATURE_MALFORMED = {
  code: 'SIGNATURE_MALFORMED',
  kind: X402Error,
  money: 'untouched',
  sentence: "The signer's answer is not a signature.",
  hint: 'A signature is {length} bytes, under the address of the signer.',
} as const

/**
 * @page A Solana wallet changed the transaction beyond adding guards; `facts.changed` says what. Nothing left. Money:
 * `untouched`.
 */
export const TRANSACTION_CHANGED = {
  code: 'TRANSACTION_CHANGED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Dropped a signature: the wallet changed the transaction beyond adding guards.',
  hint: 'Nothing was sent. Use a wallet that signs transactions as they are.',
} as const

export const TERMS_REFUSED = {
  code: 'TERMS_REFUSED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to sign: {problem}.',
} as const

export const BLOCKHASH_FULL = {
  code: 'TERMS_REFUSED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to sign: {count} payments like this share one blockhash already.',
  hint: 'Pay again in a few seconds.',
} as const

/**
 * @page On Solana, the recipient has no account for the token, so a payment would fail. Anyone can create it, once,
 * at the address in `facts.account`. Money: `untouched`.
 */
export const RECIPIENT_ACCOUNT_MISSING = {
  code: 'RECIPIENT_ACCOUNT_MISSING',
  kind: X402Error,
  money: 'untouched',
  sentence: 'The payTo has no account for this token, so a payment would fail.',
  hint: 'Tell the seller: their token account has to be created once, by anybody.',
} as const

/** @page The option `rpc` names no one to ask about this network. Money: `untouched`. */
export const RPC_MISSING = {
  code: 'RPC_MISSING',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Nobody can be asked about this cluster.',
  hint: 'Name an RPC for it: `new ExactSvmScheme(signer, { rpc })`.',
} as const

export const RPC_FAILED = {
  code: 'RPC_FAILED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'The RPC {host} could not be asked.',
} as const

export const RPC_REFUSED = {
  code: 'RPC_REFUSED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'The RPC {host} refused to answer.',
} as const

/**
 * @page The RPC responded with 429 or 403: it wants fewer requests, or none from you. Public endpoints do that. Give
 * the scheme an RPC of your own. Money: `untouched`.
 */
export const RPC_RATE_LIMITED = {
  code: 'RPC_RATE_LIMITED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'The RPC {host} lets no more questions in.',
  hint: 'Give the scheme an RPC of your own, or several: `new ExactSvmScheme(signer, { rpc })`.',
} as const

export const RPC_WRONG_CHAIN = {
  code: 'RPC_WRONG_CHAIN',
  kind: X402Error,
  money: 'untouched',
  sentence: 'An RPC answers for another cluster.',
} as const

export const RPC_ANSWER_MALFORMED = {
  code: 'RPC_ANSWER_MALFORMED',
  kind: X402Error,
  money: 'untouched',
  sentence: "An RPC's answer is malformed.",
} as const
