/** What the service is told by its environment. */
export type Config = {
  readonly port: number
  /** Who sells the reports. */
  readonly reportsUrl: string
  /** Of the wallet that pays for all customers. */
  readonly privateKey: `0x${string}`
  /** Where payments are written down: `redis://…`, `postgres://…`, or the path of a file. */
  readonly ledger: string
  /** Only with a file, and only where no other container can have it. */
  readonly isAlone: boolean
  /** For a network of containers, where there is no TLS between them. */
  readonly allowPlainHttp: boolean
}

/** Reads the environment once, when the service starts: what is missing is said then, and not at the first purchase. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const read = (name: string) => {
    const value = environment[name]
    if (value === undefined || value === '') throw new Error(`${name} is not set`)
    return value
  }
  const privateKey = read('WALLET_PRIVATE_KEY')
  if (!isHex(privateKey)) throw new Error('WALLET_PRIVATE_KEY must begin with 0x')
  return {
    port: Number(environment['PORT'] ?? 3000),
    reportsUrl: read('REPORTS_URL'),
    privateKey,
    ledger: read('LEDGER'),
    isAlone: environment['ONE_CONTAINER'] === 'yes',
    allowPlainHttp: environment['ALLOW_PLAIN_HTTP'] === 'yes',
  }
}

function isHex(text: string): text is `0x${string}` {
  return text.startsWith('0x')
}
