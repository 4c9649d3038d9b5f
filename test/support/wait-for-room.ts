import type { ServerResponse } from 'node:http'

/** Waits until an answer takes more, or nobody reads it any longer. */
export function waitForRoom(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off('drain', end)
      response.off('close', end)
      resolve()
    }
    response.on('drain', end)
    response.on('close', end)
  })
}
