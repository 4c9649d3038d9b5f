import { startSeller } from '../start-seller.js'

/** Starts a node of a Solana cluster, as far as the official object asks one: for a mint of six decimals, and for a blockhash. */
export async function startRpc() {
  const mint = Buffer.alloc(82)
  mint.writeUInt8(6, 44)
  mint.writeUInt8(1, 45)
  const account = {
    data: [mint.toString('base64'), 'base64'],
    owner: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    lamports: 1,
    executable: false,
    rentEpoch: 0,
    space: mint.length,
  }
  const blockhash = { blockhash: 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N', lastValidBlockHeight: 100 }
  return startSeller(({ body }, response) => {
    const { id, method } = JSON.parse(body.toString())
    const value = method === 'getAccountInfo' ? account : blockhash
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { context: { slot: 1 }, value } }))
  })
}
