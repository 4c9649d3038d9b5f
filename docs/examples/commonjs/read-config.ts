/** What the backend is told by its environment. */
export type Config = {
  /** The seller's address. */
  readonly reportsUrl: string
  readonly privateKey: `0x${string}`
  /** Money, as text: `$5`. */
  readonly dailyBudget: string
}

/** Reads the environment once, when the backend starts: what is missing is said then, and not at the first purchase. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const privateKey = read(environment, 'WALLET_PRIVATE_KEY')
  if (!isHex(privateKey)) throw new Error('WALLET_PRIVATE_KEY must begin with 0x')
  return {
    reportsUrl: read(environment, 'REPORTS_URL'),
    privateKey,
    dailyBudget: environment['DAILY_BUDGET'] ?? '$5',
  }
}

function read(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

function isHex(text: string): text is `0x${string}` {
  return text.startsWith('0x')
}
