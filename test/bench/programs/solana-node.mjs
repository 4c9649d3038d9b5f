// A node of devnet in a process of its own, so that its work isn’t counted. Prints its address, and ends with its standard input.
import { createServer } from 'node:http'

const owner = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const mint = Buffer.alloc(82)
mint.set([6, 1], 44)
const account = Buffer.alloc(165)
account.set(Buffer.from('3b442cb3912157f13a933d0134282d032b5ffecd01a2dbf1b7790608df002ea7', 'hex'))
account[108] = 1
const write = (data) => ({
  data: [data.toString('base64'), 'base64'],
  owner,
  lamports: 1,
  executable: false,
  rentEpoch: 0,
  space: data.length,
})
const context = { slot: 7 }
const blockhash = 'EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k'
const results = {
  getGenesisHash: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
  getLatestBlockhash: { context, value: { blockhash, lastValidBlockHeight: 100 } },
  getAccountInfo: { context, value: write(mint) },
  getMultipleAccounts: { context, value: [write(mint), write(account)] },
}

const server = createServer(async (request, response) => {
  const chunks = await request.toArray()
  const { id, method } = JSON.parse(Buffer.concat(chunks).toString())
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }))
})
// A connection that a busy client leaves alone for a while is still open when it comes back.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`))
process.stdin.on('end', () => process.exit()).resume()
