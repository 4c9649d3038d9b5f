/** A die that falls the same way in every run: xorshift of 32 bits. */
export function createDice(seed: number): (sides: number) => number {
  let state = seed | 0 || 1
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}
