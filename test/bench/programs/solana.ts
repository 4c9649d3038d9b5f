import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { ExactSvmScheme as OfficialScheme } from '@x402/svm/exact/client'
import { decodePaymentRequiredHeader, type PaymentRequirements } from 'pay402'
import { ExactSvmScheme } from 'pay402/svm'
import { interleave, isQuick, measureCpu, repeat, tellFigures, toMedian, toRatio } from '../figures.js'
import { startOtherProcess } from './other-process.js'

/** A payment on Solana after the first, in processor time; the node has a process of its own. What is remembered is warm for both. */
const ROUNDS = isQuick() ? 50 : 100
const TURNS = isQuick() ? 5 : 11
const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

const node = await startOtherProcess(process.argv[2])
// The key of the published vectors: worth nothing anywhere.
const signer = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(0x22))
const ours = new ExactSvmScheme(signer, { rpc: { [DEVNET]: node.url } })
const theirs = new OfficialScheme(signer, { rpcUrl: node.url })

const blockhash = { recentBlockhash: 'EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k', lastValidBlockHeight: '100' }
tellFigures({
  'solana-seller': await measure(createTerms(blockhash)),
  'solana-cluster': await measure(createTerms({})),
  'solana-memo': await measure(createTerms({ memo: 'order 42' })),
})
await node.stop()

async function measure(terms: PaymentRequirements) {
  const cpuOf = (scheme: typeof ours | typeof theirs) => () =>
    measureCpu(() => repeat(ROUNDS, () => scheme.createPaymentPayload(2, terms)))
  const cases = { ours: cpuOf(ours), oursAgain: cpuOf(ours), official: cpuOf(theirs) }
  await interleave(cases, 1)
  const times = await interleave(cases, TURNS)
  const us = (figures: readonly number[]) => (toMedian(figures) / ROUNDS).toFixed(0)
  return {
    ...toRatio(times.ours, times.official),
    again: toRatio(times.oursAgain, times.ours).now,
    note: `${us(times.ours)} µs, official ${us(times.official)}`,
  }
}

/** 0.001 USDC, as they are read of a challenge. */
function createTerms(extra: Readonly<Record<string, string>>): PaymentRequirements {
  const offer = {
    scheme: 'exact',
    network: DEVNET,
    amount: '1000',
    asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
    payTo: '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4',
    maxTimeoutSeconds: 60,
    extra: { feePayer: 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd', ...extra },
  }
  const challenge = { x402Version: 2, error: '', resource: { url: 'https://api.example.com/paid' }, accepts: [offer] }
  const { accepts } = decodePaymentRequiredHeader(Buffer.from(JSON.stringify(challenge)).toString('base64'))
  const [terms] = accepts
  if (terms === undefined) throw new Error('the challenge has no offer')
  return terms
}
