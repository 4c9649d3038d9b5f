import type { Flights } from '../flow/ports.js'

/**
 * Creates the purchases that are under way under a key of the caller's. Whoever asks for one of them again meanwhile is given
 * the same answer: one key is one purchase.
 */
export function createFlights(): Flights {
  const running = new Map<string, { add(): Promise<object> }>()
  return {
    join: (purchase) => running.get(purchase)?.add(),
    run(purchase, start, duplicate) {
      const waiting: { resolve(answer: object): void; reject(error: unknown): void }[] = []
      running.set(purchase, { add: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })) })
      return start().then(
        (answer) => {
          running.delete(purchase)
          // Before the first caller can read it: a body that was read can't be copied.
          for (const { resolve, reject } of waiting) {
            try {
              resolve(duplicate(answer))
            } catch (error) {
              reject(error)
            }
          }
          return answer
        },
        (error: unknown) => {
          running.delete(purchase)
          for (const { reject } of waiting) reject(error)
          throw error
        },
      )
    },
  }
}
