import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { ExactSvmScheme as OfficialScheme } from '@x402/svm/exact/client'
import { ExactSvmScheme } from '../../schemes/svm/index.js'
import { createTerms, DEVNET, SEED } from '../unit/schemes/svm/exact/terms.js'

const ROUNDS = 200
const TURNS = 7

/**
 * Measures the processor time of signing one payment on Solana beside `@x402/svm`, turn by turn; the node has a process of its own. What is
 * remembered is warm for both.
 */
export async function measureSolana(): Promise<void> {
  const node = spawn(process.execPath, [fileURLToPath(new URL('answer-solana-rpc.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(node.stdout, 'data')
  const url = String(line).trim()
  const signer = await createKeyPairSignerFromPrivateKeyBytes(SEED)
  const ours = new ExactSvmScheme(signer, { rpc: { [DEVNET]: url } })
  const theirs = new OfficialScheme(signer, { rpcUrl: url })
  const offers = {
    'Solana, the seller’s blockhash': createTerms(),
    'Solana, a blockhash of the cluster': createTerms({ extra: { recentBlockhash: undefined } }),
    'Solana, the seller’s memo': createTerms({ extra: { recentBlockhash: undefined, memo: 'order 42' } }),
  }
  for (const [name, terms] of Object.entries(offers)) {
    const one = () => ours.createPaymentPayload(2, terms)
    const other = () => theirs.createPaymentPayload(2, terms)
    const times: [number[], number[]] = [[], []]
    await one()
    await other()
    for (let turn = 0; turn < TURNS; turn++) {
      times[0].push(await measureCpu(one))
      times[1].push(await measureCpu(other))
    }
    const [a = Number.NaN, b = Number.NaN] = times.map((list) => list.sort((x, y) => x - y)[Math.floor(TURNS / 2)])
    process.stdout.write(
      `${name.padEnd(46)} ${a.toFixed(3)} ms against ${b.toFixed(3)} ms of CPU: ${(a / b).toFixed(2)}\n`,
    )
  }
  node.stdin.end()
  await once(node, 'exit')
}

async function measureCpu(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000 / ROUNDS
}
