import { X402Error } from '../../src/errors.js'
import type { SvmCluster } from './svm-cluster.js'

/**
 * The answer of the first source that gives one, in their order.
 *
 * @throws What the last source threw, or `RPC_MISSING` when there is none.
 */
export async function askFirst<Answer>(
  clusters: readonly SvmCluster[],
  ask: (cluster: SvmCluster) => Promise<Answer>,
): Promise<Answer> {
  const [first, ...others] = clusters
  if (first === undefined) {
    throw new X402Error('Nobody can be asked about this cluster.', {
      code: 'RPC_MISSING',
      money: 'untouched',
      hint: 'Name an RPC for it: `new ExactSvmScheme(signer, { rpc })`.',
    })
  }
  try {
    return await ask(first)
  } catch (error) {
    if (others.length === 0) throw error
    return askFirst(others, ask)
  }
}
