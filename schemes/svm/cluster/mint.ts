import type { Decoded } from '../../../src/wire/json.js'
import { isTokenProgram, TOKEN_2022_PROGRAM, type TokenProgram } from '../programs.js'
import type { SvmAccount } from './cluster.js'
import { refuseMintExtensions } from './token-extensions.js'

/** What a transfer must know of a mint. Neither ever changes. */
export type Mint = { readonly program: TokenProgram; readonly decimals: number }

/** Source: SPL Token program, `Mint`: 82 bytes, the decimals at 44, whether it is initialized at 45. */
const MINT_BYTES = 82
/** Source: Token-2022 program, `AccountType::Mint`, behind the padded base where there are extensions. */
const ACCOUNT_TYPE_OFFSET = 165
const MINT_TYPE = 1

/**
 * Reads a mint.
 *
 * @param account - As an RPC told it.
 * @returns The mint, or what is wrong with it, to be put after "asset".
 */
export function readMint(account: SvmAccount | undefined): Decoded<Mint> {
  if (account === undefined) return { problem: 'does not exist on this cluster' }
  const { owner: program, data } = account
  if (!isTokenProgram(program)) return { problem: 'is no mint of Token or Token-2022' }
  const hasExtensions = program === TOKEN_2022_PROGRAM && data.length > ACCOUNT_TYPE_OFFSET
  const isMint = data.length === MINT_BYTES || (hasExtensions && data[ACCOUNT_TYPE_OFFSET] === MINT_TYPE)
  const decimals = data[44]
  if (!isMint || data[45] !== 1 || decimals === undefined) return { problem: 'is no mint' }
  const refusal = hasExtensions ? refuseMintExtensions(data) : undefined
  return refusal === undefined ? { value: { program, decimals } } : { problem: refusal }
}
