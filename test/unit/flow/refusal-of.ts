import { isX402Error, type X402Error } from '../../../src/errors/x402-error.js'

/** The error of a call that must fail with one of ours. */
export async function refusalOf(answer: Promise<unknown>): Promise<X402Error> {
  try {
    await answer
  } catch (error) {
    if (isX402Error(error)) return error
    throw error
  }
  throw new Error('the call was not refused')
}
