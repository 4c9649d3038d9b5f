import {
  type Buyer,
  createAccount,
  createFloor,
  createOfficial,
  createOurs,
  type Signer,
} from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'
import { interleave, isQuick, repeat, tellFigures, toMedian } from '../figures.js'

/**
 * *phases*: all that a call does but the signature, which is viem's and in the middle: it takes the caches for itself, so long code costs
 * more here than hot. One call of each client in turn.
 */
const CALLS = isQuick() ? 250 : 600
const WARMING_CALLS = 100

const seller = createSeller()
const account = createAccount()

/** Measures a whole call without the time that its signer had. */
function measureOwnWork(create: (signer: Signer) => Buyer): () => Promise<number> {
  let signing = 0
  const buy = create({
    ...account,
    async signTypedData(typedData) {
      const start = performance.now()
      const signature = await account.signTypedData(typedData)
      signing += performance.now() - start
      return signature
    },
  })
  return async () => {
    signing = 0
    const start = performance.now()
    await buy('https://api.example.com/paid')
    return (performance.now() - start - signing) * 1000
  }
}

const cases = {
  floor: measureOwnWork((signer) => createFloor(seller, signer)),
  official: measureOwnWork((signer) => createOfficial(seller, signer)),
  ours: measureOwnWork((signer) => createOurs(seller, signer)),
  oursAgain: measureOwnWork((signer) => createOurs(seller, signer)),
}
for (const warm of Object.values(cases)) await repeat(WARMING_CALLS, warm)
const { floor, official, ours, oursAgain } = await interleave(cases, CALLS)

tellFigures({
  phases: {
    now: toMedian(ours) / toMedian(official),
    again: toMedian(oursAgain) / toMedian(ours),
    note: `medians ${toMedian(ours).toFixed(0)} µs, official ${toMedian(official).toFixed(0)}, floor ${toMedian(floor).toFixed(0)}`,
  },
})
