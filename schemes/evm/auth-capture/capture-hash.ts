import type { JsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readChainId } from '../chain-id.js'
import { fromDigits, type Hex, toHex, toWord } from '../hex.js'
import { keccak256, keccak256OfText } from '../keccak256.js'

/** The contracts of one version of the escrow. */
export type Deployment = {
  readonly escrow: Hex
  /** Collects by EIP-3009. */
  readonly authorization: Hex
  /** Collects through Permit2. */
  readonly permit2Authorization: Hex
}

/** Version 1.1, which is meant where an offer names none, and 1.0. Source: `AUTH_CAPTURE_DEPLOYMENT_…` of `@x402/evm` 2.27. */
const DEPLOYMENTS: readonly [Deployment, ...Deployment[]] = [
  {
    escrow: '0xf96815976523E00e65Be8f34cA5e64b4f41EB19c',
    authorization: '0x8612dfdc421f80336cd14E8EF9cb1E765dB5ab88',
    permit2Authorization: '0xD69831Aed5bfe262067ec4c751f4F830EcdD446e',
  },
  {
    escrow: '0xBdEA0D1bcC5966192B070Fdf62aB4EF5b4420cff',
    authorization: '0x0E3dF9510de65469C4518D7843919c0b8C7A7757',
    permit2Authorization: '0x992476B9Ee81d52a5BdA0622C333938D0Af0aB26',
  },
]

/** Source: `PAYMENT_INFO_TYPEHASH` of `@x402/evm` 2.27. */
const PAYMENT_INFO =
  'PaymentInfo(address operator,address payer,address receiver,address token,uint120 maxAmount,uint48 preApprovalExpiry,uint48 authorizationExpiry,uint48 refundExpiry,uint16 minFeeBps,uint16 maxFeeBps,address feeReceiver,uint256 salt)'

/** Source: `SALT_BINDING_TYPEHASH` of `@x402/evm` 2.27. */
const SALT_BINDING = 'x402AuthCaptureSaltBinding(address receiverAuthorizer,address policy,uint256 saltNonce)'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const ZERO: Hex = '0x0000000000000000000000000000000000000000'

/** The contracts that an offer means; `undefined` when nobody knows them. */
export function findDeployment(escrow: unknown): Deployment | undefined {
  if (escrow === undefined || escrow === '') return DEPLOYMENTS[0]
  return DEPLOYMENTS.find((one) => one.escrow.toLowerCase() === String(escrow).toLowerCase())
}

/** What is in a payload of the terms that its nonce is a hash of. */
export type Captured = {
  readonly amount: string
  /** Until when it can be collected, in seconds since 1970. */
  readonly until: string
  readonly salt: Hex
  readonly escrow: Hex
}

/**
 * The hash of all terms of a payment into escrow, its payer left out, which is its nonce. Source: `computePayerAgnosticPaymentInfoHash` of
 * `@x402/evm` 2.27.
 *
 * @returns `undefined` when the terms lack something that is hashed.
 */
export function hashCapture(
  { network, payTo, asset, extra }: PaymentRequirements,
  { amount, until, salt, escrow }: Captured,
): Hex | undefined {
  const chainId = readChainId(network)
  const numbers = ['captureDeadline', 'refundDeadline', 'minFeeBps', 'maxFeeBps'].map((name) => extra[name])
  const addresses = [extra['captureAuthorizer'], payTo, asset, extra['feeRecipient']]
  if (chainId === undefined || !addresses.every(isAddress) || !numbers.every(isNatural)) return undefined
  const [operator, receiver, token, feeReceiver] = addresses
  const terms = [
    operator,
    ZERO,
    receiver,
    token,
    BigInt(amount),
    BigInt(until),
    ...numbers.map(BigInt),
    feeReceiver,
    salt,
  ]
  const inner = hashWords([keccak256OfText(PAYMENT_INFO), ...terms])
  return hashWords([BigInt(chainId), escrow, inner])
}

/** Whether the salt commits to who may capture for the receiver. Source: `isSaltBindingOn` of `@x402/evm` 2.27. */
export function isSaltBound({ receiverAuthorizer, policy }: JsonObject): boolean {
  return [receiverAuthorizer, policy].some((one) => isAddress(one) && BigInt(one) !== 0n)
}

/** The salt that commits to them. Source: `deriveBoundSalt` of `@x402/evm` 2.27. */
export function hashSalt({ receiverAuthorizer, policy }: JsonObject, saltNonce: Hex): Hex {
  const [authorizer, bound] = [receiverAuthorizer, policy].map((one) => (isAddress(one) ? one : ZERO))
  return hashWords([keccak256OfText(SALT_BINDING), authorizer, bound, saltNonce])
}

function hashWords(words: readonly (Hex | bigint | undefined)[]): Hex {
  return toHex(keccak256(fromDigits(words.map((word) => toWord(word ?? 0n)).join(''))))
}

function isAddress(value: unknown): value is Hex {
  return typeof value === 'string' && ADDRESS.test(value)
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
