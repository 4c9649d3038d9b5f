/** For promises whose failure means nothing: letting go of a body that was read already, or that broke off. */
export function ignoreFailure(): undefined {
  return undefined
}
