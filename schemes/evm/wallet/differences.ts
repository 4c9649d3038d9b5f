import { isSameAddress } from '../../../src/wire/address.js'
import { isJsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readChainId } from '../chain-id.js'
import type { Hex } from '../hex.js'

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

/** Everything that a value is held to. */
export type Held = { readonly approved: Approved; readonly payer: Hex }

/** What a field is held to, and what it is called when it differs. */
export type Hold = readonly [name: string, isRight: (value: unknown, held: Held) => boolean]

/** A field of a struct: its type and its name, and what its value is held to; without that it may be anything. */
export type Field = readonly [type: string, name: string, hold?: Hold]

/** One struct that may be signed. */
export type Rule = {
  /** The scheme that it pays by. @default any */
  readonly scheme?: string
  readonly struct: string
  /** The contract that takes the signature. */
  readonly contract: Hold
  /** Every field in its order, so that a field more, or of another type, is another struct. */
  readonly fields: readonly Field[]
  /** The structs in it, by name. */
  readonly inner: Readonly<Record<string, readonly Field[]>>
}

export const PAYER: Hold = ['the payer', (value, { payer }) => isAddress(value, payer)]
export const PAY_TO: Hold = ['the payTo', (value, { approved }) => isAddress(value, approved.requirements.payTo)]
export const ASSET: Hold = ['the asset', (value, { approved }) => isAddress(value, approved.requirements.asset)]
export const AMOUNT: Hold = ['the amount', (value, { approved }) => value === BigInt(approved.requirements.amount)]
export const DEADLINE: Hold = [
  'how long it is valid',
  (value, { approved }) => typeof value === 'bigint' && 'latestSeconds' in approved && value <= approved.latestSeconds,
]

/** The one struct that pays without a part of its own. Source: EIP-3009. */
export const TRANSFER: Rule = {
  struct: 'TransferWithAuthorization',
  contract: ASSET,
  fields: [
    ['address', 'from', PAYER],
    ['address', 'to', PAY_TO],
    ['uint256', 'value', AMOUNT],
    ['uint256', 'validAfter'],
    ['uint256', 'validBefore', DEADLINE],
    ['bytes32', 'nonce'],
  ],
  inner: {},
}

/**
 * Compares what a wallet is about to be asked with what was approved, by the terms themselves: nothing that built the typed data has
 * a part in it.
 *
 * @param rules - The structs that may be signed at all.
 * @returns What differs, for people; empty when it may be signed.
 */
export function findDifferences(asked: Asked, approved: Approved, payer: Hex, rules: readonly Rule[]): string[] {
  const rule = findRule(asked, approved, rules)
  if (rule === undefined) return ['what is signed']
  const held = { approved, payer }
  const { domain, message } = asked
  const different = new Set<string>()
  const [, isContract] = rule.contract
  if (!isContract(readOwn(domain, 'verifyingContract'), held)) different.add('the contract')
  if (readOwn(domain, 'chainId') !== readChainId(approved.requirements.network)) different.add('the network')
  compareFields(message, rule.fields, rule.inner, held, different)
  return different.size === 0 ? [] : [...different]
}

function findRule(asked: Asked, { requirements }: Approved, rules: readonly Rule[]): Rule | undefined {
  const { scheme } = requirements
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

function compareFields(
  message: unknown,
  fields: readonly Field[],
  inner: Rule['inner'],
  held: Held,
  different: Set<string>,
): void {
  for (const [type, name, hold] of fields) {
    const value = readOwn(message, name)
    const struct = inner[type]
    if (struct !== undefined) compareFields(value, struct, inner, held, different)
    else if (hold !== undefined && !hold[1](value, held)) different.add(hold[0])
  }
}

/** Whether a value is this address, in any spelling. */
export function isAddress(value: unknown, address: unknown): boolean {
  return typeof value === 'string' && typeof address === 'string' && isSameAddress(value, address)
}

function readOwn(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
