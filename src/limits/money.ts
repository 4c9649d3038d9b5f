import { INVALID_MONEY } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions } from '../errors/options.js'
import type { ConfigurationError } from '../errors/x402-error.js'
import type { Charge } from '../payment/payment.js'
import { isJsonObject } from '../wire/json.js'
import { readList } from './read-list.js'
import { readAssetUnit, toAtto } from './units.js'

/** A sign or a symbol, and a decimal number without exponent; 60 + 18 digits, as many as 2^256 has. */
const MONEY = /^(\$)?(\d{1,60})(?:\.(\d{1,18}))?(?: (\S{1,32}))?$/
/** The widest amount of any chain: ERC-20 counts in uint256. */
const MAX_UINT256 = 2n ** 256n - 1n

/**
 * Reads what an option allows.
 *
 * @param input - Untrusted: a {@link MoneyInput}, or a list of {@link AssetAmount}.
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @returns Most that is allowed, in each unit that the option names.
 * @throws {@link ConfigurationError} `INVALID_MONEY`, or what is wrong with an {@link AssetAmount}.
 */
export function readMoney(input: unknown, where: string): readonly Charge[] {
  if (typeof input === 'string') return [readMoneyText(input, where)]
  if (Array.isArray(input)) return readList(input, where, readAssetAmount)
  return [readAssetAmount(input, where)]
}

/** Reads `'$0.10'` or `'0.10 USDC'`. */
export function readMoneyText(text: string, where: string): Charge {
  const [, dollar, whole, fraction = '', symbol] = MONEY.exec(text) ?? []
  const isOne = (dollar === undefined) !== (symbol === undefined)
  if (whole === undefined || !isOne) throw invalidMoney(text, where)
  const amount = toAtto(BigInt(whole + fraction), fraction.length)
  return { unit: dollar ? 'usd' : `symbol/${symbol}`, amount }
}

/** Reads atomic units: a bigint or a string of digits, zero included. */
export function readAtomicUnits(input: unknown, where: string): bigint {
  const units = typeof input === 'string' && /^\d{1,78}$/.test(input) ? BigInt(input) : input
  if (typeof units !== 'bigint' || units < 0n || units > MAX_UINT256) throw invalidMoney(input, where)
  return units
}

function readAssetAmount(input: unknown, where: string): Charge {
  if (!isJsonObject(input)) throw invalidMoney(input, where)
  assertOptions(input, where, ['network', 'asset', 'amount'])
  return { unit: readAssetUnit(input, where), amount: readAtomicUnits(input['amount'], `${where}.amount`) }
}

function invalidMoney(input: unknown, where: string): ConfigurationError {
  const is = typeof input === 'string' ? JSON.stringify(input.slice(0, 40)) : `a ${typeof input}`
  return fail(INVALID_MONEY, { words: { option: where, is } })
}
