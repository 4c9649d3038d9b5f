import type { Network } from '../../src/wire/network.js'
import { readCluster } from './clusters.js'
import { createBoundedMap } from './create-bounded-map.js'
import type { SourcesOf } from './read-rpc-sources.js'
import { createSvmCluster, type SvmCluster } from './svm-cluster.js'
import { createSvmRpc } from './svm-rpc.js'

/** The views of a network's sources, in their order; none where nobody can be asked. */
export type ClustersOf = (network: Network) => readonly SvmCluster[]

/** Creates the views of every network, each when it is first asked for; from then on its source is known to be the right one. */
export function createClusters(sourcesOf: SourcesOf): ClustersOf {
  const clusters = createBoundedMap<readonly SvmCluster[]>()
  return (network) => {
    const known = clusters.get(network)
    if (known !== undefined) return known
    const cluster = readCluster(network)
    const views =
      cluster === undefined ? [] : sourcesOf(network).map((source) => createSvmCluster(createSvmRpc(source), cluster))
    clusters.set(network, views)
    return views
  }
}
