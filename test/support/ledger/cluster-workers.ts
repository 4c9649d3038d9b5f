import cluster from 'node:cluster'

/** A server of two workers, as Node runs one on two cores: each makes the calls that it's given on a ledger of its own on one file. */
if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
} else {
  await import('./share-budget.js')
  process.exit()
}
