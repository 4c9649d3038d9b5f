/** An address as errors and records show it: without credentials, query and fragment, since those carry secrets. */
export function toDisplayUrl(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** An address as a purchase is named by it: without fragment and credentials. */
export function toPurchaseUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search}`
}

/** Whether two addresses belong to one origin; `http` to `https` on the same host is an upgrade, not another origin. */
export function isSameOrigin(asked: URL, answered: URL): boolean {
  if (asked.origin === answered.origin) return true
  const isDefaultPort = asked.port === '' && answered.port === ''
  return (
    isDefaultPort &&
    asked.protocol === 'http:' &&
    answered.protocol === 'https:' &&
    asked.hostname === answered.hostname
  )
}
