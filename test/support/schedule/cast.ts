/** A client: what its calls share is its memory. Clients of one process die with it, and know each other only by the ledger. */
export type Client = {
  readonly process: 0 | 1
  /** The lasting name of a restricted client. @default it isn't restricted */
  readonly name?: string
  /** It was told ahead what the shop asks, and pays that with its first request; and what it does where the shop asks for more. @default it asks */
  readonly prepay?: 'refuse' | 'pay-new'
}

/** One call; all ask for the same. */
export type Role = {
  /** Its client's place. */
  readonly client: number
  readonly key?: string
  readonly credential?: string
  readonly inFlight?: 'join'
  /** Whether it presents a payment again by itself. @default 'never' */
  readonly redeliver?: 'safe' | 'never'
}

/** Who makes calls at once. */
export type Cast = {
  readonly clients: readonly Client[]
  readonly calls: readonly Role[]
  /** The shop asks for more than whoever prepays was told ahead, and keeps what it's given all the same. @default false */
  readonly isDearer?: boolean
}

/** How many payments the limits of each client allow in a day, over all processes. */
export const MOST_PAYMENTS = 2

/** How many payments those who share a lasting name may make. */
export const MOST_OF_A_NAME = 1

/** A call, and what its client is like. */
export type Part = Omit<Role, 'client'> & Omit<Client, 'process'>

/** Calls of clients of their own in two processes: the last one is alone in its process. */
export function castAlone(...roles: readonly Part[]): Cast {
  const isLast = (place: number) => place === roles.length - 1
  return {
    clients: roles.map(({ name, prepay }, place) => ({
      process: isLast(place) ? 1 : 0,
      ...(name !== undefined && { name }),
      ...(prepay !== undefined && { prepay }),
    })),
    calls: roles.map(({ name: _name, prepay: _prepay, ...role }, client) => ({ ...role, client })),
  }
}

/** Calls of one client, and a last one of another process; both are alike. */
export function castTogether(like: Pick<Client, 'prepay'>, ...roles: readonly Omit<Part, 'name' | 'prepay'>[]): Cast {
  return {
    clients: [
      { ...like, process: 0 },
      { ...like, process: 1 },
    ],
    calls: roles.map((role, place) => ({ ...role, client: place === roles.length - 1 ? 1 : 0 })),
  }
}
