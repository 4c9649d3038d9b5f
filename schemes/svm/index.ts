export {
  type KnownAsset,
  USDC_DEVNET_ADDRESS,
  USDC_MAINNET_ADDRESS,
  USDC_TESTNET_ADDRESS,
} from './assets/known-assets.js'
export { toClientSvmSigner } from './client-svm-signer.js'
export { SOLANA_DEVNET_CAIP2, SOLANA_MAINNET_CAIP2, SOLANA_TESTNET_CAIP2 } from './cluster/clusters.js'
export { describeSvmPayload } from './exact/described-payload.js'
export { type ClientSvmConfig, ExactSvmScheme } from './exact/exact-svm-scheme.js'
export { ExactSvmSchemeV1, NETWORKS } from './exact/exact-svm-scheme-v1.js'
export {
  type ExactSvmConfig,
  type ExactSvmConfig as SvmClientConfig,
  registerExactSvmScheme,
} from './exact/register-exact-svm-scheme.js'
export type { RpcSource, RpcSources, SvmMethod, SvmRpcClient } from './rpc-sources.js'
export type {
  SvmModifyingSigner,
  SvmPartialSigner,
  SvmSigner,
  SvmSigner as ClientSvmSigner,
  SvmTransaction,
} from './signer.js'
