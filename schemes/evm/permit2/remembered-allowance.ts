/** What was left of an allowance, and until when that is relied on, in seconds since 1970. */
export type RememberedAllowance = { readonly amount: bigint; readonly untilSeconds: number }
