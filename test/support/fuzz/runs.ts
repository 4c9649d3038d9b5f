/** How many cases a property tries: its share of about 2,000 in `npm test`, or as many as `FC_RUNS` says. */
export function runs(share: number): { numRuns: number } {
  return { numRuns: Number(process.env['FC_RUNS'] ?? share) }
}
