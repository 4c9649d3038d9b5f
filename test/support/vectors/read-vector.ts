import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** One known answer of the official packages; which fields it has depends on what it shows. */
const Vector = z.looseObject({
  name: z.string(),
  requirements: z.record(z.string(), z.unknown()).optional(),
  typedData: z.array(z.record(z.string(), z.unknown())).optional(),
  result: z.looseObject({ x402Version: z.number(), payload: z.record(z.string(), z.unknown()) }).optional(),
})
export type Vector = z.infer<typeof Vector>

const File = z.object({
  pinned: z.object({
    nowSeconds: z.number(),
    evmPrivateKey: z.templateLiteral(['0x', z.string()]),
    evmAddress: z.string(),
  }),
  vectors: z.array(Vector),
})

/** Made with `@x402/*` 2.27.0, its clock and its random source pinned to {@link pinned}. */
const file = File.parse(JSON.parse(readFileSync(new URL('official-2.27.json', import.meta.url), 'utf8')))

/** What was pinned while the vectors were made. */
export const pinned = {
  ...file.pinned,
  clock: { nowSeconds: () => file.pinned.nowSeconds, monotonicMs: () => 0 },
  /** Every call gives 0xa0, 0xa1, … */
  random: (length: number) => Uint8Array.from({ length }, (_, index) => (0xa0 + index) % 256),
}

/** The vector of that name. */
export function readVector(name: string): Vector {
  const vector = file.vectors.find((candidate) => candidate.name === name)
  if (vector === undefined) throw new Error(`There is no vector "${name}".`)
  return vector
}
