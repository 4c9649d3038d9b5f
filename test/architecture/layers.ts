/** A part of the tree, and the parts that it may import beside itself; of some only the types. */
export type Layer = { name: string; holds: RegExp; sees: readonly string[]; seesTypesOf?: readonly string[] }

/** `errors ← protocol ← scheme`, with the clock and randomness. */
const ground = ['errors', 'ground', 'wire', 'scheme']
const corridor = [...ground, 'payment', 'ports', 'flow']
const house = [...corridor, 'client']
const shelf = [...ground, 'payment', 'ports']

/**
 * Who may import whom. A file belongs to the first layer that holds it.
 *
 * `errors ← protocol ← scheme ← flow ← client ← doors`; shelves stand beside the corridor and see its ports, schemes stand outside
 * and see the one window.
 */
export const layers: readonly Layer[] = [
  { name: 'errors', holds: /^src\/errors\.ts$/, sees: [] },
  { name: 'ground', holds: /^src\/(clock|random|assert-options)\.ts$/, sees: ['errors'] },
  { name: 'wire', holds: /^src\/wire\//, sees: ['errors', 'ground'] },
  { name: 'scheme', holds: /^src\/scheme\.ts$/, sees: ['errors', 'ground', 'wire'] },
  // What follows from a payment alone; the corridor and every ledger ask it.
  { name: 'payment', holds: /^src\/payment\//, sees: ground, seesTypesOf: ['ports'] },
  { name: 'ports', holds: /^src\/flow\/ports\.ts$/, sees: ground, seesTypesOf: ['flow', 'payment'] },
  { name: 'flow', holds: /^src\/flow\//, sees: shelf },
  { name: 'limits', holds: /^src\/limits\//, sees: shelf },
  { name: 'memory ledger', holds: /^src\/ledger\/book\//, sees: [...shelf, 'ledger'] },
  { name: 'ledger', holds: /^src\/ledger\//, sees: [...shelf, 'memory ledger'] },
  { name: 'prices', holds: /^src\/prices\//, sees: shelf },
  { name: 'extensions', holds: /^src\/extensions\//, sees: shelf },
  // Objects of published packages come by `register`, without a reader of what they sign: the table leads to one, loaded on demand.
  { name: 'client', holds: /^src\/client\//, sees: [...corridor, 'limits', 'memory ledger', 'published schemes'] },
  { name: 'root entry', holds: /^src\/index\.ts$/, sees: house },
  { name: 'fetch door', holds: /^src\/fetch\//, sees: house },
  // Bodies are kept and read as the fetch door does.
  { name: 'axios door', holds: /^src\/axios\//, sees: [...house, 'fetch door'] },
  // ky is a layer over fetch, and so is its door.
  { name: 'ky door', holds: /^src\/ky\//, sees: [...house, 'fetch door'] },
  { name: 'mcp door', holds: /^src\/mcp\//, sees: house },
  { name: 'testing', holds: /^src\/testing\//, sees: [...house, 'limits', 'ledger', 'memory ledger', 'entries'] },
  { name: 'cli', holds: /^src\/cli\//, sees: ['entries'] },
  // The one table over all families of chains, and no more than that: families don't see each other, nor it.
  { name: 'published schemes', holds: /^schemes\/published-schemes\.ts$/, sees: [...ground, 'evm', 'svm'] },
  // What families of chains have in common; it knows none of them.
  { name: 'json-rpc', holds: /^schemes\/json-rpc\//, sees: ground },
  { name: 'evm', holds: /^schemes\/evm\//, sees: [...ground, 'json-rpc'] },
  { name: 'svm', holds: /^schemes\/svm\//, sees: [...ground, 'json-rpc'] },
]

/** Which packages a part of the tree may import. What isn't here, nothing may: viem, for one, is only what users bring. */
export const packages: readonly { holds: RegExp; atRunTime: RegExp; asTypes?: RegExp }[] = [
  // Only axios itself finds adapters and makes its errors, and an instance leads to neither. Whoever loads this entry has it loaded.
  { holds: /^src\/axios\//, atRunTime: /^axios$/ },
  { holds: /^src\/ky\//, atRunTime: /^zod\/mini$/, asTypes: /^ky$/ },
  { holds: /^src\/ledger\/file\/|^src\/cli\//, atRunTime: /^(zod\/mini$|node:)/ },
  { holds: /^src\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/)/ },
  { holds: /^schemes\/published-schemes\.ts$/, atRunTime: /^$/ },
  { holds: /^schemes\/evm\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/)/ },
  { holds: /^schemes\/svm\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/|@solana\/kit$)/ },
]

/** Which step may make which value of the corridor. */
export const seals: Readonly<Record<string, readonly string[]>> = {
  sealChallenge: ['src/flow/read-challenge.ts'],
  sealSelected: ['src/flow/select.ts'],
  sealAuthorized: ['src/flow/authorize.ts'],
  sealSigned: ['src/flow/sign.ts', 'src/flow/claimed-payment.ts'],
  sealDelivered: ['src/flow/deliver.ts'],
}
