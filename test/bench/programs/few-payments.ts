import { parentPort } from 'node:worker_threads'
import { createPacedLedger } from './paced-ledger.js'

/** A ledger with few payments and a heap of its own, so that it doesn't pay for the garbage of the one with many. Measures when it's told. */
const FEW = 5_000
const ledger = await createPacedLedger()
await ledger.pay(FEW)
parentPort?.on('message', async () => parentPort?.postMessage(await ledger.measureStep()))
