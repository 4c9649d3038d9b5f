import type { Funding, Holdings } from '../../../src/payment/scheme.js'
import { type Address, findTokenAccount } from '../address.js'
import type { SvmCluster } from '../cluster/cluster.js'
import { readMint } from '../cluster/mint.js'
import { readTokenAccount } from '../cluster/token-account.js'
import { TOKEN_PROGRAMS } from '../programs.js'
import type { Terms } from './terms.js'

/**
 * Whether `payer` holds what the terms ask, by the first source that answers.
 *
 * @returns `unknown` when none does, whatever the reason; `short` also without a token account, or with a frozen one.
 */
export async function readFunding(
  clusters: readonly SvmCluster[],
  terms: Pick<Terms, 'mint' | 'amount'>,
  payer: Address,
): Promise<Funding> {
  const { balance } = await readHoldings(clusters, terms, payer)
  if (balance === undefined) return 'unknown'
  return balance >= terms.amount ? 'enough' : 'short'
}

/** Reads what `payer` can pay with, by the first source that answers: nothing without a token account, or with a frozen one. */
export async function readHoldings(
  clusters: readonly SvmCluster[],
  { mint }: Pick<Terms, 'mint'>,
  payer: Address,
): Promise<Holdings> {
  const addresses = [mint, ...TOKEN_PROGRAMS.map((program) => findTokenAccount(payer, program, mint))]
  try {
    const read = await Promise.any(clusters.map((cluster) => cluster.readAccounts(addresses)))
    const [mintAccount, ...accounts] = read
    const found = readMint(mintAccount)
    if ('problem' in found) return {}
    const token = readTokenAccount(accounts[TOKEN_PROGRAMS.indexOf(found.value.program)])
    return { balance: token === undefined || token.isFrozen ? 0n : token.amount }
  } catch {
    return {} // no source answered, or there is none, and nothing was learned of the balance
  }
}
