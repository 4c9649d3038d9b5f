import { configureGlobal } from 'fast-check'

/** Property tests try the same cases in every run. `FC_SEED` and `FC_RUNS` try others, and more. */
configureGlobal({
  seed: Number(process.env['FC_SEED'] ?? 402),
  ...(process.env['FC_RUNS'] === undefined ? {} : { numRuns: Number(process.env['FC_RUNS']) }),
})
