export { describeEvmPayload } from './describe-evm-payload.js'
export { ExactEvmScheme } from './exact/exact-evm-scheme.js'
export {
  type ExactEvmConfig,
  type ExactEvmConfig as EvmClientConfig,
  registerExactEvmScheme,
} from './exact/register-exact-evm-scheme.js'
export { fromEip1193, type WalletProvider, type WalletRequest } from './from-eip1193.js'
export { type EthersSigner, fromEthers } from './from-ethers.js'
export { fromRemoteSigner, type RemoteSigner } from './from-remote-signer.js'
export type { Hex } from './hex.js'
export type { KnownAsset } from './known-assets.js'
export { approvePermit2 } from './permit2/approve-permit2.js'
export { permit2Allowance } from './permit2/permit2-allowance.js'
export type { AllowanceMode, EvmSchemeOptions } from './read-evm-options.js'
export type { BlockTag, EvmProvider, EvmRequest, RpcSource, RpcSources } from './read-rpc-sources.js'
export type { ExactEvmSchemeConfig, ExactEvmSchemeOptions } from './read-scheme-options.js'
export type { EvmTransaction, TransactionSender } from './read-sender.js'
export type { EvmAccount, EvmSigner, EvmWalletClient, VerifySignature } from './read-signer.js'
export { type ClientEvmSigner, type EvmReader, toClientEvmSigner } from './to-client-evm-signer.js'
export type { TypedData, TypedDataDomain, TypedDataField, TypedDataMessage } from './typed-data.js'
export { UptoEvmScheme } from './upto/upto-evm-scheme.js'
