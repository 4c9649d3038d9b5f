import { listAllowances } from '../flow/allowances.js'
import type { Judged } from '../flow/offer.js'
import type { Holdings, SchemeNetworkClient } from '../payment/scheme.js'
import type { Challenge } from '../payment/steps.js'
import { writePrice } from '../payment/terms.js'
import { ALLOWANCE_MISSING, ALLOWANCE_TO_SIGN, FUNDS_UNKNOWN, NO_FUNDS } from './catalogue.js'
import { type Finding, toFinding } from './finding.js'

/** What one account has. */
type Account = { readonly payer: string; readonly holdings: Holdings }

/** Asks the chain whether the wallet can pay an offer: the money, and what a contract may take of it. Nothing is signed. */
export async function diagnoseWallet(judged: Judged, { envelope }: Challenge): Promise<Finding[]> {
  const { offer, registration, assessment, exposure } = judged
  const { index, requirements, terms } = offer
  const { network } = terms
  const { payer, holdings } = await readRichest(registration.scheme, judged)
  const write = (amount: bigint) => writePrice(amount, assessment.notation).price ?? `${amount} units`
  const place = { offer: index }
  const { balance, allowance } = holdings
  if (balance === undefined) return [toFinding(FUNDS_UNKNOWN, { payer, network }, place)]
  const findings: Finding[] = []
  if (balance < exposure) {
    findings.push(toFinding(NO_FUNDS, { payer, network, balance: write(balance), price: write(exposure) }, place))
  }
  if (allowance !== undefined && allowance.amount < exposure) {
    const { spender, amount } = allowance
    const words = { spender, payer, allowed: write(amount), price: write(exposure), network }
    const isSigned = listAllowances(registration.scheme, requirements, envelope.extensions).length > 0
    findings.push(isSigned ? toFinding(ALLOWANCE_TO_SIGN, words, place) : toFinding(ALLOWANCE_MISSING, words, place))
  }
  return findings
}

/** If one object pays from several accounts, the one that holds most. */
async function readRichest(scheme: SchemeNetworkClient, { offer, exposure }: Judged): Promise<Account> {
  const accounts = await Promise.all(
    (scheme.accounts ?? [scheme]).map(async (one) => ({
      payer: one.payer ?? 'of this client',
      holdings: await readHoldings(one, offer.requirements, exposure),
    })),
  )
  const [first = { payer: 'of this client', holdings: {} }, ...others] = accounts
  return others.reduce(
    (best, one) => ((one.holdings.balance ?? -1n) > (best.holdings.balance ?? -1n) ? one : best),
    first,
  )
}

/** A scheme from elsewhere says at most whether it's enough. A failure to read says nothing. */
async function readHoldings(
  scheme: SchemeNetworkClient,
  requirements: Judged['offer']['requirements'],
  needed: bigint,
): Promise<Holdings> {
  try {
    if (scheme.readHoldings !== undefined) return await scheme.readHoldings(requirements)
    const funding = await scheme.readFunding?.(requirements)
    if (funding === 'enough') return { balance: needed }
    return {}
  } catch {
    return {}
  }
}
