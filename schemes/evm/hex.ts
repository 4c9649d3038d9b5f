/** Bytes as hexadecimal digits after `0x`: an address, a nonce, a hash, a signature. */
export type Hex = `0x${string}`

/** Whether a value is 32 bytes as {@link Hex}: a hash, a salt, a nonce of EIP-3009. */
export function isWord(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)
}

/** Writes bytes as {@link Hex}, in lower case. */
export function toHex(bytes: Uint8Array): Hex {
  let digits = ''
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0')
  return `0x${digits}`
}

/** The bytes of hexadecimal digits, an even number of them, without `0x`. */
export function fromDigits(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number(`0x${digits.slice(2 * index, 2 * index + 2)}`)
  return bytes
}
