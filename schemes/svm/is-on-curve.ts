/** Source: RFC 8032, section 5.1: the field and the constant of Edwards25519. */
const P = /* @__PURE__ */ (() => 2n ** 255n - 19n)()
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * Whether 32 bytes are a point of Ed25519, as every public key is. Addresses of programs must not be, so that nobody has their key.
 *
 * Source: RFC 8032, section 5.1.3: `x² = (y² − 1) / (d y² + 1)` must have a root.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const y = readFieldElement(bytes)
  const yy = (y * y) % P
  const numerator = yy - 1n
  const denominator = D * yy + 1n
  // u/v has a root where u·v has one, since they differ by the square v². Euler's criterion says whether.
  const product = (((numerator * denominator) % P) + P) % P
  return product === 0n || power(product, (P - 1n) / 2n) === 1n
}

/** Little-endian, without the highest bit, which is the sign of x. */
function readFieldElement(bytes: Uint8Array): bigint {
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0)
  return value & (2n ** 255n - 1n)
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}
