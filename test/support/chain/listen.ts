import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server that listens. */
export type Listening = {
  /** Its address on the loopback, without a slash at the end. */
  url: string
  /** How many connections it ever accepted. */
  readonly connections: number
  /** Closes every connection, waiting or busy, and frees the port. */
  stop: () => Promise<void>
}

/** Starts a server on a loopback port that the system picks. */
export async function listen(server: Server): Promise<Listening> {
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections
    },
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
