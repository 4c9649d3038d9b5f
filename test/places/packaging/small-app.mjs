import { x402Client } from 'pay402'
import { wrapFetchWithPayment } from 'pay402/fetch'

/**
 * An app as a user writes one: it knows its address, its limits and its chain, and nothing of tests.
 *
 * @param scheme - Signs; a test hands in another one.
 */
export function createForecasts(scheme) {
  const client = new x402Client({ limits: { perPayment: '$0.05', perDay: '$0.10' } }).register('eip155:8453', scheme)
  const paidFetch = wrapFetchWithPayment(fetch, client)
  return {
    client,
    /** What the weather will be; `undefined` where that isn't worth its price. */
    async of(city) {
      try {
        const response = await paidFetch(`https://api.example.com/forecasts?city=${encodeURIComponent(city)}`)
        return response.ok ? (await response.json()).weather : undefined
      } catch (error) {
        if (error.name === 'LimitError') return undefined
        throw error
      }
    },
  }
}
