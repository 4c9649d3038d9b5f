import { ConfigurationError, X402Error } from '../../src/errors/x402-error.js'

const ANY_SIGNER =
  'Pass a local account, a WalletClient with an account, or any object with `address` and `signTypedData`.'

export const SIGNER_IS_STRING = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a string, not an account.',
  hint: "If it is a private key, pass `privateKeyToAccount(key)` of 'viem/accounts' instead.",
} as const

export const SIGNER_NO_OBJECT = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is not an object.',
  hint: ANY_SIGNER,
} as const

export const SIGNER_WITHOUT_ACCOUNT = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is a wallet client without an account.',
  hint: 'Create it with one: `createWalletClient({ account, … })`.',
} as const

export const SIGNER_ADDRESS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "The signer's address {problem}.",
  hint: ANY_SIGNER,
} as const

export const SIGNER_CANNOT_SIGN = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer has no signTypedData.',
  hint: ANY_SIGNER,
} as const

export const SIGNER_IS_PROVIDER = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer has no signTypedData.',
  hint: "If it is a browser's wallet, pass `await fromEip1193(provider)`; if it is a viem client, create it with `createWalletClient`.",
} as const

export const SIGNER_OF_ETHERS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "The signer's signTypedData takes several arguments, as those of ethers do.",
  hint: 'Pass `await fromEthers(signer)` instead.',
} as const

export const SIGNER_WITHOUT_ADDRESS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer has no address, only getAddress.',
  hint: 'Pass `await fromRemoteSigner(signer)` instead.',
} as const

export const SIGNER_WITHOUT_SIGN = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "The signer has no sign, which `signing: 'hash'` calls.",
  hint: "Pass a local account, or leave `signing` at 'typed-data'.",
} as const

export const NOT_OF_ETHERS = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The signer is not one of ethers 6.',
  hint: 'Pass a `Wallet`, or what `await provider.getSigner()` answers.',
} as const

export const REMOTE_SIGNER_INCOMPLETE = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The remote signer lacks a method.',
  hint: 'It needs `getAddress()` and `signTypedData(typedData)`.',
} as const

export const ACCOUNT_CANNOT_SIGN = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The account has no signTypedData.',
  hint: 'Pass a local account, such as `privateKeyToAccount` makes.',
} as const

export const WALLET_WITHOUT_REQUEST = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The wallet has no `request`.',
  hint: 'Pass a provider as EIP-1193 describes it, such as `window.ethereum`.',
} as const

export const WALLET_ACCOUNT = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "The wallet's account {problem}.",
  hint: 'Pass another `address`.',
} as const

export const WALLET_SHOWS_NO_ACCOUNT = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The wallet shows no account.',
  hint: 'Pass `connect: true` where a click can ask its owner, or the `address`.',
} as const

/**
 * @page The wallet is set to another chain than the one that you pay on, and wasn't asked to switch, or won't. Switch
 * it by hand, or make the account with `otherChain: 'switch'`. Money: `untouched`.
 */
export const WALLET_ON_OTHER_CHAIN = {
  code: 'WALLET_ON_OTHER_CHAIN',
  kind: X402Error,
  money: 'untouched',
  sentence: "The wallet is not set to eip155:{chain}. Switch the wallet by hand, or pass `otherChain: 'switch'`.",
} as const

export const WALLET_LACKS_CHAIN = {
  code: 'WALLET_ON_OTHER_CHAIN',
  kind: X402Error,
  money: 'untouched',
  sentence: 'The wallet is not set to eip155:{chain}. The wallet does not know this chain: add it there first.',
} as const

/**
 * @page What the wallet was about to be asked isn't what was approved, so it wasn't asked. A bug, here or in what
 * changed it: please report it. Money: `untouched`.
 */
export const ASKED_OTHER_TERMS = {
  code: 'ASKED_OTHER_TERMS',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to ask the wallet: {what} is not what was approved.',
  hint: 'What was to be signed was built wrongly or changed on the way. Please report it.',
} as const

/**
 * @page The wallet returned something that isn't a signature, or not that of the transaction that it was asked for.
 * Money: `untouched`.
 */
export const SIGNATURE_MALFORMED = {
  code: 'SIGNATURE_MALFORMED',
  kind: X402Error,
  money: 'untouched',
  sentence: "The signer's answer is not a signature.",
  hint: 'A signature is a hex string of whole bytes: 65 of them for a plain account.',
} as const

const OWN_KEY = 'See that the wallet signs with the key of the account that pays.'

/**
 * @page The signature isn't the payer's, by the `verify` that you gave, or that couldn't say. See that the wallet
 * signs with the account's own key. Money: `released`.
 */
export const SIGNATURE_UNVERIFIED = {
  code: 'SIGNATURE_UNVERIFIED',
  kind: X402Error,
  money: 'released',
  sentence: "The signature is not the payer's.",
  hint: OWN_KEY,
} as const

export const SIGNATURE_UNVERIFIABLE = {
  code: 'SIGNATURE_UNVERIFIED',
  kind: X402Error,
  money: 'released',
  sentence: 'The signature could not be verified.',
  hint: OWN_KEY,
} as const

/**
 * @page The terms can't be signed; the message says why. Through a client such an offer isn't taken in the first
 * place. Money: `untouched`.
 */
export const TERMS_REFUSED = {
  code: 'TERMS_REFUSED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to sign: {problem}.',
} as const

export const INVALID_CLOCK = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The clock must give seconds since 1970.',
} as const

export const NOT_AN_EVM_NETWORK = {
  code: 'UNKNOWN_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `rpc` has a key that is not an EVM network.',
  hint: 'Write networks as `eip155:8453`, or `eip155:*` for those that you name nowhere else.',
} as const
