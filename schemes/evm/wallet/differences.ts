import { isSameAddress } from '../../../src/wire/address.js'
import { isJsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'
import { EXACT_PROXY, PERMIT2, UPTO_PROXY } from '../permit2/contracts.js'

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

/** A field of a struct: its type and its name, and what its value is held to; without that it may be anything. */
type Field = readonly [type: string, name: string, kind?: Kind]

/** One struct that may be signed. */
type Rule = {
  /** The scheme that it pays by. @default any */
  readonly scheme?: string
  readonly struct: string
  /** The contract that takes the signature. */
  readonly contract: 'asset' | 'permit2'
  /** Every field in its order, so that a field more, or of another type, is another struct. */
  readonly fields: readonly Field[]
  /** The structs in it, by name. */
  readonly inner: Readonly<Record<string, readonly Field[]>>
}

const PERMITTED: readonly Field[] = [
  ['address', 'token', 'asset'],
  ['uint256', 'amount', 'amount'],
]

function witnessTransfer(spender: Kind): readonly Field[] {
  return [
    ['TokenPermissions', 'permitted'],
    ['address', 'spender', spender],
    ['uint256', 'nonce'],
    ['uint256', 'deadline', 'deadline'],
    ['Witness', 'witness'],
  ]
}

/** Every struct that pays or allows to. Sources: EIP-3009, EIP-2612, and Permit2 as `@x402/evm` 2.27 signs it. */
const PAYMENTS: readonly Rule[] = [
  {
    struct: 'TransferWithAuthorization',
    contract: 'asset',
    fields: [
      ['address', 'from', 'payer'],
      ['address', 'to', 'payTo'],
      ['uint256', 'value', 'amount'],
      ['uint256', 'validAfter'],
      ['uint256', 'validBefore', 'deadline'],
      ['bytes32', 'nonce'],
    ],
    inner: {},
  },
  {
    scheme: 'exact',
    struct: 'PermitWitnessTransferFrom',
    contract: 'permit2',
    fields: /* @__PURE__ */ witnessTransfer('exactProxy'),
    inner: {
      TokenPermissions: PERMITTED,
      Witness: [
        ['address', 'to', 'payTo'],
        ['uint256', 'validAfter'],
      ],
    },
  },
  {
    scheme: 'upto',
    struct: 'PermitWitnessTransferFrom',
    contract: 'permit2',
    fields: /* @__PURE__ */ witnessTransfer('uptoProxy'),
    inner: {
      TokenPermissions: PERMITTED,
      Witness: [
        ['address', 'to', 'payTo'],
        ['address', 'facilitator', 'facilitator'],
        ['uint256', 'validAfter'],
      ],
    },
  },
  {
    struct: 'Permit',
    contract: 'asset',
    fields: [
      ['address', 'owner', 'payer'],
      ['address', 'spender', 'permit2'],
      ['uint256', 'value', 'amount'],
      ['uint256', 'nonce'],
      ['uint256', 'deadline', 'deadline'],
    ],
    inner: {},
  },
]

const CANCELLATIONS: readonly Rule[] = [
  {
    struct: 'CancelAuthorization',
    contract: 'asset',
    fields: [
      ['address', 'authorizer', 'payer'],
      ['bytes32', 'nonce', 'nonce'],
    ],
    inner: {},
  },
]

/**
 * Compares what a wallet is about to be asked with what was approved, by the terms themselves: nothing that built the typed data has
 * a part in it.
 *
 * @returns What differs, for people; empty when it may be signed.
 */
export function findDifferences(asked: Asked, approved: Approved, payer: Hex): string[] {
  const rule = findRule(asked, approved)
  if (rule === undefined) return ['what is signed']
  const held = { approved, payer }
  const { domain, message } = asked
  const different = new Set<string>()
  if (!isRight(rule.contract, readOwn(domain, 'verifyingContract'), held)) different.add('the contract')
  if (readOwn(domain, 'chainId') !== readChainId(approved.requirements.network)) different.add('the network')
  compareFields(message, rule.fields, rule.inner, held, different)
  return different.size === 0 ? [] : [...different]
}

function findRule(asked: Asked, approved: Approved): Rule | undefined {
  const rules = 'cancels' in approved ? CANCELLATIONS : PAYMENTS
  const { scheme } = approved.requirements
  for (const rule of rules) if ((rule.scheme ?? scheme) === scheme && isStruct(asked, rule)) return rule
  return undefined
}

/** Whether the types are those of the rule, each field of each, and no other: one more could give `address` another meaning. */
function isStruct({ types, primaryType }: Asked, { struct, fields, inner }: Rule): boolean {
  if (primaryType !== struct || !hasFields(types, struct, fields)) return false
  const names = Object.keys(inner)
  if (Object.keys(types).length !== 1 + names.length) return false
  for (const name of names) if (!hasFields(types, name, inner[name] ?? [])) return false
  return true
}

function hasFields(types: object, struct: string, fields: readonly Field[]): boolean {
  const said = readOwn(types, struct)
  if (!Array.isArray(said) || said.length !== fields.length) return false
  for (const [index, [type, name]] of fields.entries()) {
    const field: unknown = said[index]
    if (readOwn(field, 'type') !== type || readOwn(field, 'name') !== name) return false
  }
  return true
}

/** What every value is held to. */
type Held = { readonly approved: Approved; readonly payer: Hex }

function compareFields(
  message: unknown,
  fields: readonly Field[],
  inner: Rule['inner'],
  held: Held,
  different: Set<string>,
): void {
  for (const [type, name, kind] of fields) {
    const value = readOwn(message, name)
    const struct = inner[type]
    if (struct !== undefined) compareFields(value, struct, inner, held, different)
    else if (kind !== undefined && !isRight(kind, value, held)) different.add(NAMES[kind])
  }
}

function isRight(kind: Kind, value: unknown, { approved, payer }: Held): boolean {
  const { asset, payTo, amount, extra } = approved.requirements
  switch (kind) {
    case 'payer':
      return isAddress(value, payer)
    case 'payTo':
      return isAddress(value, payTo)
    case 'asset':
      return isAddress(value, asset)
    case 'permit2':
      return isAddress(value, PERMIT2)
    case 'exactProxy':
      return isAddress(value, EXACT_PROXY)
    case 'uptoProxy':
      return isAddress(value, UPTO_PROXY)
    case 'facilitator':
      return isAddress(value, extra['facilitatorAddress'])
    case 'amount':
      return value === BigInt(amount)
    case 'deadline':
      return typeof value === 'bigint' && 'latestSeconds' in approved && value <= approved.latestSeconds
    case 'nonce':
      return 'cancels' in approved && value === approved.cancels
  }
}

function isAddress(value: unknown, address: unknown): boolean {
  return typeof value === 'string' && typeof address === 'string' && isSameAddress(value, address)
}

function readOwn(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
