import { onTestFinished } from 'vitest'
import { type Handler, type Seller, startSeller } from '../../support/start-seller.js'

/** Starts a seller that ends with the test. */
export async function openSeller(handler: Handler): Promise<Seller> {
  const seller = await startSeller(handler)
  onTestFinished(() => seller.stop())
  return seller
}
