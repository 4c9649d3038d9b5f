import { isX402Error, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { paymentOf, wrapFetchWithPayment } from 'pay402/fetch'
import { createBrowserLedger } from 'pay402/ledger/browser'
import { createWalletClient, custom } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { baseSepolia } from 'viem/chains'
import { readAll } from '../../../../src/testing/ledger/bench.js'
import { createCap } from '../../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../../src/testing/ledger/claimant.js'
import { createDraft } from '../../../../src/testing/ledger/draft.js'
import { createPresentation } from '../../../../src/testing/ledger/events.js'

/** What the pages of the tests can use: pay402 and viem, as a bundler for browsers puts them together. */
export const library = {
  baseSepolia,
  createBrowserLedger,
  createCap,
  createClaimant,
  createDraft,
  createPresentation,
  createWalletClient,
  custom,
  ExactEvmScheme,
  paymentOf,
  privateKeyToAccount,
  readAll,
  wrapFetchWithPayment,
  x402Client,
}

/** What is told of a call to those outside the page. */
export type Told =
  | { readonly status: number; readonly text: string; readonly money: string | undefined }
  | { readonly code: string; readonly money: string; readonly message: string; readonly cause: string }

/** Makes a call, and tells what came of it in a form that leaves the page. */
export async function tell(call: () => Promise<Response>): Promise<Told> {
  try {
    const response = await call()
    return { status: response.status, text: await response.text(), money: paymentOf(response)?.money }
  } catch (error) {
    if (!isX402Error(error)) throw error
    const { code, money, message, cause } = error
    return { code, money, message, cause: cause instanceof Error ? cause.message : (JSON.stringify(cause) ?? '') }
  }
}

/** What is told of a failure to those outside the page; `cause` is its name. */
export type Refusal = {
  readonly code: string
  readonly money: string
  readonly message: string
  readonly cause: string
}

/** Does something that must fail, and tells how. */
export async function refusal(work: () => unknown): Promise<Refusal> {
  try {
    await work()
  } catch (error) {
    if (!isX402Error(error)) throw error
    const { code, money, message, cause } = error
    return { code, money, message, cause: cause instanceof Error ? cause.name : '' }
  }
  throw new Error('nothing failed')
}

Object.assign(globalThis, { pay402: library, tell, refusal, kept: {} })
