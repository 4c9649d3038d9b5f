import { Axios, type AxiosRequestConfig } from 'axios'

/** The absolute address that axios asks for this config, without credentials. */
export function toFullUrl(config: AxiosRequestConfig): string {
  // Of an instance without defaults: what a config says is all that counts.
  const text = new Axios({}).getUri(config)
  const base = globalThis.location?.href
  if (!URL.canParse(text, base)) return text
  const url = new URL(text, base)
  url.username = ''
  url.password = ''
  return url.href
}
