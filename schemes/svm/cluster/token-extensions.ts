import { readLittleEndian } from '../wire/instruction.js'

/** An extension of a Token-2022 mint or account. */
type Extension = { readonly type: number; readonly data: Uint8Array }

/** Source: Token-2022 program, `Account::LEN` and `AccountType`: extensions follow the base of an account, padded, and one byte. */
const EXTENSIONS_OFFSET = 166

/** What an extension means for a payment; `undefined` when nothing. */
type Judge = (data: Uint8Array) => string | undefined

const harmless: Judge = () => undefined

/** By `ExtensionType` of the Token-2022 program. What isn't here isn't known to be harmless. */
const OF_MINTS: { readonly [type: number]: Judge } = {
  1: judgeTransferFee,
  3: harmless, // MintCloseAuthority
  4: harmless, // ConfidentialTransferMint: this transfer isn't one
  6: harmless, // DefaultAccountState: each account says its own
  9: () => 'can not be transferred',
  10: harmless, // InterestBearingConfig: what is shown, not what is moved
  12: harmless, // PermanentDelegate: the issuer's, over every holder
  14: judgeTransferHook,
  16: harmless, // ConfidentialTransferFeeConfig
  18: harmless, // MetadataPointer
  19: harmless, // TokenMetadata
  20: harmless, // GroupPointer
  21: harmless, // TokenGroup
  22: harmless, // GroupMemberPointer
  23: harmless, // TokenGroupMember
  25: harmless, // ScaledUiAmount: what is shown, not what is moved
  26: (data) => (data[32] === 1 ? 'is paused' : undefined),
}

/** By `ExtensionType` of the Token-2022 program. */
const OF_ACCOUNTS: { readonly [type: number]: Judge } = {
  8: (data) => (data[0] === 1 ? 'takes only transfers that follow a memo' : undefined),
}

/** Why payments in a Token-2022 mint are refused, to be put after "asset"; `undefined` when they aren't. */
export function refuseMintExtensions(mint: Uint8Array): string | undefined {
  const extensions = readExtensions(mint)
  if (extensions === undefined) return 'has extensions that can not be read'
  for (const { type, data } of extensions) {
    const judge = OF_MINTS[type]
    const refusal = judge === undefined ? `has an extension that is not known, number ${type}` : judge(data)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Why a Token-2022 account takes no payment, to be put after its name; `undefined` when it does, or isn't understood. */
export function refuseAccountExtensions(account: Uint8Array): string | undefined {
  for (const { type, data } of readExtensions(account) ?? []) {
    const refusal = OF_ACCOUNTS[type]?.(data)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** Type and length, two bytes each, then the data; zeros fill the end. */
function readExtensions(bytes: Uint8Array): readonly Extension[] | undefined {
  const extensions: Extension[] = []
  let at = EXTENSIONS_OFFSET
  while (at + 4 <= bytes.length) {
    const type = Number(readLittleEndian(bytes, at, 2))
    const end = at + 4 + Number(readLittleEndian(bytes, at + 2, 2))
    if (type === 0) return extensions
    if (end > bytes.length) return undefined
    extensions.push({ type, data: bytes.subarray(at + 4, end) })
    at = end
  }
  return extensions
}

/**
 * Source: Token-2022 program, `TransferFeeConfig`: two keys, what was withheld, then the older and the newer fee, each an epoch, a
 * maximum and basis points. Both must be nothing, so that no epoch decides.
 */
function judgeTransferFee(data: Uint8Array): string | undefined {
  const isFree = [72, 90].every(
    (fee) => readLittleEndian(data, fee + 8, 8) === 0n || readLittleEndian(data, fee + 16, 2) === 0n,
  )
  return data.length === 108 && isFree ? undefined : 'takes a transfer fee, so that the payTo gets less than the price'
}

/** Source: Token-2022 program, `TransferHook`: the authority, then the program, zeros for none. */
function judgeTransferHook(data: Uint8Array): string | undefined {
  const isNone = data.length === 64 && data.subarray(32).every((byte) => byte === 0)
  return isNone ? undefined : 'calls another program at each transfer'
}
