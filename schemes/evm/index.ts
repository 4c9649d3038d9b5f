export type { KnownAsset } from './assets/known-assets.js'
export type { BlockTag, EvmProvider, EvmRequest, RpcSource, RpcSources } from './chain/rpc-sources.js'
export { describeEvmPayload } from './describe-evm-payload.js'
export { ExactEvmScheme } from './exact-evm-scheme.js'
export { ExactEvmSchemeV1 } from './exact-evm-scheme-v1.js'
export type { Hex } from './hex.js'
export { permit2Allowance } from './permit2/allowance.js'
export { approvePermit2 } from './permit2/approval.js'
export {
  EXACT_PROXY as x402ExactPermit2ProxyAddress,
  PERMIT2 as PERMIT2_ADDRESS,
  UPTO_PROXY as x402UptoPermit2ProxyAddress,
} from './permit2/contracts.js'
export {
  type ExactEvmConfig,
  type ExactEvmConfig as EvmClientConfig,
  registerExactEvmScheme,
} from './register-exact-evm-scheme.js'
export type {
  AllowanceMode,
  EvmSchemeOptions,
  ExactEvmSchemeConfig,
  ExactEvmSchemeConfig as UptoEvmSchemeConfig,
  ExactEvmSchemeConfigByChainId,
  ExactEvmSchemeConfigByChainId as UptoEvmSchemeConfigByChainId,
  ExactEvmSchemeOptions,
  ExactEvmSchemeOptions as UptoEvmSchemeOptions,
} from './scheme-options.js'
export { UptoEvmScheme } from './upto-evm-scheme.js'
export { EVM_NETWORK_CHAIN_ID_MAP, type EvmNetworkV1, getEvmChainIdV1, NETWORKS } from './v1-networks.js'
export { type ClientEvmSigner, type EvmReader, toClientEvmSigner } from './wallet/client-evm-signer.js'
export { fromEip1193, type WalletProvider, type WalletRequest } from './wallet/eip1193.js'
export { type EthersSigner, fromEthers } from './wallet/ethers.js'
export { fromRemoteSigner, type RemoteSigner } from './wallet/remote-signer.js'
export type { EvmTransaction, TransactionSender } from './wallet/sender.js'
export type { EvmAccount, EvmSigner, EvmWalletClient, VerifySignature } from './wallet/signer.js'
export type { TypedData, TypedDataDomain, TypedDataField, TypedDataMessage } from './wallet/typed-data.js'
