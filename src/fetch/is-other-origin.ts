/** Whether a request that was made for one address now goes to another origin, where who the caller is, is nobody's business. */
export function isOtherOrigin(target: string, url: string): boolean {
  return URL.canParse(url) && new URL(target).origin !== new URL(url).origin
}
