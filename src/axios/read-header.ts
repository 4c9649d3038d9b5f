import type { AxiosHeaders } from 'axios'

/** A header as it is sent. Axios knows values that aren't text, and `false` for one that isn't sent. */
export function readHeader(headers: AxiosHeaders, name: string): string | null {
  const value = headers.get(name)
  return value === undefined || value === null || value === false ? null : String(value)
}
