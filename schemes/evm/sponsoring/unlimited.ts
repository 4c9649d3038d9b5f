/** The largest amount that a token knows: an allowance without end. */
export const UNLIMITED = 2n ** 256n - 1n
