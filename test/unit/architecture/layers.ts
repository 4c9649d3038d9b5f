/** A part of the tree, and the parts that it may import beside itself; of some only the types. */
export type Layer = { name: string; holds: RegExp; sees: readonly string[]; seesTypesOf?: readonly string[] }

/** `errors ← wire ← payment`, which is under everything that follows a payment. */
const ground = ['errors', 'wire', 'payment']
const corridor = [...ground, 'ports', 'flow', 'hooks']
const house = [...corridor, 'client', 'desk']
const shelf = [...ground, 'ports']

/**
 * Who may import whom. A file belongs to the first layer that holds it.
 *
 * `errors ← wire ← payment ← flow ← client ← doors`; shelves stand beside the corridor and see its ports, schemes stand outside
 * and see the one window.
 */
export const layers: readonly Layer[] = [
  { name: 'errors', holds: /^src\/errors\//, sees: [], seesTypesOf: ['flow'] },
  { name: 'wire', holds: /^src\/wire\//, sees: ['errors'], seesTypesOf: ['payment'] },
  // What follows from a payment alone; the corridor and every ledger ask it.
  { name: 'payment', holds: /^src\/payment\//, sees: ['errors', 'wire'], seesTypesOf: ['ports'] },
  { name: 'ports', holds: /^src\/flow\/ports\.ts$/, sees: ground, seesTypesOf: ['flow', 'hooks'] },
  { name: 'flow', holds: /^src\/flow\//, sees: [...shelf, 'hooks'] },
  { name: 'hooks', holds: /^src\/hooks\//, sees: [...shelf, 'flow'] },
  { name: 'limits', holds: /^src\/limits\//, sees: shelf },
  { name: 'memory ledger', holds: /^src\/ledger\/book\//, sees: [...shelf, 'ledger'] },
  { name: 'ledger', holds: /^src\/ledger\//, sees: [...shelf, 'memory ledger'] },
  { name: 'prices', holds: /^src\/prices\//, sees: shelf },
  { name: 'extensions', holds: /^src\/extensions\//, sees: shelf },
  // What is asked later. The client loads it.
  { name: 'desk', holds: /^src\/desk\//, sees: corridor, seesTypesOf: ['client'] },
  // Objects of published packages come by `register`, without a reader of what they sign: the table leads to one, loaded on demand.
  {
    name: 'client',
    holds: /^src\/client\//,
    sees: [...corridor, 'desk', 'limits', 'memory ledger', 'published schemes'],
  },
  { name: 'root entry', holds: /^src\/index\.ts$/, sees: house },
  // What the doors over HTTP have in common.
  { name: 'http', holds: /^src\/http\//, sees: corridor },
  { name: 'fetch door', holds: /^src\/fetch\//, sees: [...house, 'http'] },
  { name: 'axios door', holds: /^src\/axios\//, sees: [...house, 'http'] },
  // ky is a layer over fetch, and so is its door.
  { name: 'ky door', holds: /^src\/ky\//, sees: [...house, 'http', 'fetch door'] },
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
