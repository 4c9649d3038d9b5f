import { isSameAddress } from '../../../src/wire/address.js'
import { isJsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'
import { EXACT_PROXY, PERMIT2, UPTO_PROXY } from '../permit2/contracts.js'
import { encodeType } from './typed-data.js'

/** What one signature was approved for. */
export type Approved = {
  /** The terms as they were approved, not as a builder read them. */
  readonly requirements: PaymentRequirements
} & (
  | {
      /** When a payment, or an allowance for it, must be dead by itself, in seconds since 1970. */
      readonly latestSeconds: number
    }
  | {
      /** The nonce of the payment that is canceled: then nothing else may be signed. */
      readonly cancels: string
    }
)

/** Typed data as far as it is compared, whatever it says. */
type Asked = { domain: object; types: Readonly<Record<string, unknown>>; primaryType: string; message: object }

/** What a field can be held to, and what it is called when it differs. */
const NAMES = {
  payer: 'the payer',
  payTo: 'the payTo',
  asset: 'the asset',
  amount: 'the amount',
  deadline: 'how long it is valid',
  nonce: 'the payment that is canceled',
  permit2: 'the spender',
  exactProxy: 'the spender',
  uptoProxy: 'the spender',
  facilitator: 'who settles',
} as const

type Kind = keyof typeof NAMES

/** One struct that may be signed. */
type Rule = {
  /** The scheme that it pays by. @default any */
  readonly scheme?: string
  /** The whole type as EIP-712 encodes it, so that a field more, or of another type, is another struct. */
  readonly type: string
  /** The contract that takes the signature. */
  readonly contract: 'asset' | 'permit2'
  /** What each field must be, by its path; the others may be anything. */
  readonly fields: Readonly<Record<string, Kind>>
}

const TOKEN_PERMISSIONS = 'TokenPermissions(address token,uint256 amount)'
const WITNESS_TRANSFER = `PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Witness witness)${TOKEN_PERMISSIONS}`
const WITNESS_TRANSFER_FIELDS = {
  'permitted.token': 'asset',
  'permitted.amount': 'amount',
  deadline: 'deadline',
  'witness.to': 'payTo',
} as const

/** Every struct that pays or allows to. Sources: EIP-3009, EIP-2612, and Permit2 as `@x402/evm` 2.27 signs it. */
const PAYMENTS: readonly Rule[] = [
  {
    type: 'TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)',
    contract: 'asset',
    fields: { from: 'payer', to: 'payTo', value: 'amount', validBefore: 'deadline' },
  },
  {
    scheme: 'exact',
    type: `${WITNESS_TRANSFER}Witness(address to,uint256 validAfter)`,
    contract: 'permit2',
    fields: { ...WITNESS_TRANSFER_FIELDS, spender: 'exactProxy' },
  },
  {
    scheme: 'upto',
    type: `${WITNESS_TRANSFER}Witness(address to,address facilitator,uint256 validAfter)`,
    contract: 'permit2',
    fields: { ...WITNESS_TRANSFER_FIELDS, spender: 'uptoProxy', 'witness.facilitator': 'facilitator' },
  },
  {
    type: 'Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)',
    contract: 'asset',
    fields: { owner: 'payer', spender: 'permit2', value: 'amount', deadline: 'deadline' },
  },
]

const CANCELLATION: Rule = {
  type: 'CancelAuthorization(address authorizer,bytes32 nonce)',
  contract: 'asset',
  fields: { authorizer: 'payer', nonce: 'nonce' },
}

/**
 * Compares what a wallet is about to be asked with what was approved, by the terms themselves: nothing that built the typed data has
 * a part in it.
 *
 * @returns What differs, for people; empty when it may be signed.
 */
export function findDifferences(asked: Asked, approved: Approved, payer: Hex): string[] {
  const rule = findRule(asked, approved)
  if (rule === undefined) return ['what is signed']
  const isRight = createChecks(approved, payer)
  const { domain, message } = asked
  const different = Object.entries(rule.fields)
    .filter(([path, kind]) => !isRight[kind](readPath(message, path)))
    .map(([, kind]) => NAMES[kind])
  return [
    ...(isRight[rule.contract](readPath(domain, 'verifyingContract')) ? [] : ['the contract']),
    ...(readPath(domain, 'chainId') === readChainId(approved.requirements.network) ? [] : ['the network']),
    ...new Set(different),
  ]
}

function findRule({ types, primaryType }: Asked, approved: Approved): Rule | undefined {
  const type = encodeType(types, primaryType)
  if ('cancels' in approved) return CANCELLATION.type === type ? CANCELLATION : undefined
  const { scheme } = approved.requirements
  return PAYMENTS.find((rule) => rule.type === type && (rule.scheme ?? scheme) === scheme)
}

function createChecks(approved: Approved, payer: Hex): Record<Kind, (value: unknown) => boolean> {
  const { asset, payTo, amount, extra } = approved.requirements
  const is = (address: unknown) => (value: unknown) =>
    typeof value === 'string' && typeof address === 'string' && isSameAddress(value, address)
  return {
    payer: is(payer),
    payTo: is(payTo),
    asset: is(asset),
    permit2: is(PERMIT2),
    exactProxy: is(EXACT_PROXY),
    uptoProxy: is(UPTO_PROXY),
    facilitator: is(extra['facilitatorAddress']),
    amount: (value) => value === BigInt(amount),
    deadline: (value) => typeof value === 'bigint' && 'latestSeconds' in approved && value <= approved.latestSeconds,
    nonce: (value) => 'cancels' in approved && value === approved.cancels,
  }
}

function readPath(value: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), value)
}
