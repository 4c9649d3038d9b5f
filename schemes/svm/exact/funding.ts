import type { Funding } from '../../../src/payment/scheme.js'
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
  { mint, amount }: Terms,
  payer: Address,
): Promise<Funding> {
  const addresses = [mint, ...TOKEN_PROGRAMS.map((program) => findTokenAccount(payer, program, mint))]
  try {
    const read = await Promise.any(clusters.map((cluster) => cluster.readAccounts(addresses)))
    const [mintAccount, ...accounts] = read
    const found = readMint(mintAccount)
    if ('problem' in found) return 'unknown'
    const token = readTokenAccount(accounts[TOKEN_PROGRAMS.indexOf(found.value.program)])
    return token !== undefined && !token.isFrozen && token.amount >= amount ? 'enough' : 'short'
  } catch {
    return 'unknown' // no source answered, or there is none, and nothing was learned of the balance
  }
}
