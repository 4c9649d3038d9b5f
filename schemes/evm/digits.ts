/** Beyond 15 digits a number is no longer exact, and a second no longer in this era. */
const SECONDS = /^(?:0|[1-9][0-9]{0,14})$/

/** As long as 2^256 is; longer ones aren't worth reading as a number. */
const INTEGER = /^(?:0|[1-9][0-9]{0,77})$/

/** Whether a value is a time as payloads write it: seconds since 1970, in decimal digits. */
export function isSeconds(value: unknown): value is string {
  return typeof value === 'string' && SECONDS.test(value)
}

/** Whether a value is a `uint256` in decimal digits, such as a nonce of Permit2. */
export function isUint256(value: unknown): value is string {
  return typeof value === 'string' && INTEGER.test(value) && BigInt(value) < 2n ** 256n
}
