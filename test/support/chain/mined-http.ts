import { type Hash, http, type Transport } from 'viem'

/** How often it is looked for, and how many times: a chain that doesn't mine by itself goes on without. */
const PAUSE_MS = 10
const LOOKS = 500

/**
 * A transport whose transactions are mined once they are sent: anvil answers first and mines then, so whoever looks once, at once, may be too early.
 *
 * @param url - The address of the node.
 */
export function minedHttp(url: string): Transport {
  return (options) => {
    const { request, ...transport } = http(url)(options)
    const waitFor = async (hash: Hash) => {
      for (let looks = 0; looks < LOOKS; looks++) {
        if ((await request({ method: 'eth_getTransactionReceipt', params: [hash] })) !== null) return
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
    const send: typeof request = async (asked) => {
      const answer = await request(asked)
      if (/^eth_send(Raw)?Transaction$/.test(asked.method)) await waitFor(answer as Hash)
      return answer as never // what it is for the method, as it came
    }
    return { ...transport, request: send }
  }
}
