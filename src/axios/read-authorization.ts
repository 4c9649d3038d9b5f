import { Axios, type AxiosRequestConfig } from 'axios'

/**
 * The `Authorization` that an adapter makes of `auth`, or of credentials in the address. The header that the caller wrote gives
 * way to it.
 */
export function readAuthorization({ auth, ...config }: AxiosRequestConfig): string | undefined {
  const { username = '', password = '' } = auth ?? readCredentials(config)
  if (auth === undefined && username === '' && password === '') return undefined
  const bytes = new TextEncoder().encode(`${username}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

function readCredentials(config: AxiosRequestConfig): { username?: string; password?: string } {
  const text = new Axios({}).getUri(config)
  return URL.canParse(text) ? new URL(text) : {}
}
