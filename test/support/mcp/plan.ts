/** How a server asks for its money, and how it wants to be paid. */
export type Dialect = 'tool result' | 'text' | 'extension' | 'protocol 1' | 'cloudflare' | 'mppx'

/** What a server in a process of its own is told. */
export type ServerPlan = {
  readonly dialect: Dialect
  /** The generation of the SDK that it's written with. */
  readonly sdk: 1 | 2
  readonly transport: 'stdio' | 'http'
  /** Address of a facilitator. */
  readonly facilitator: string
  readonly payTo: string
  /** What it is paid in. */
  readonly asset: string
  /** Hands what was bought to whoever presents the same payment again. @default false */
  readonly keepsResults?: boolean | undefined
}

/** What each paid good costs, in atomic units, and as a server writes it. */
export const PRICE = { amount: '10000', dollars: '$0.01', usd: 0.01 } as const

/** Base Sepolia, as both versions of the protocol write it. */
export const NETWORK = { caip: 'eip155:84532', protocol1: 'base-sepolia' } as const

/** A plan as `withX402` of Cloudflare's `agents` takes it. */
export function toX402Config({ payTo, facilitator }: ServerPlan) {
  return { network: NETWORK.caip, recipient: payTo as `0x${string}`, facilitator: { url: facilitator } }
}
