/** A part of the tree, and the parts that it may import in addition to itself; of some only the types. */
export type Layer = { name: string; holds: RegExp; sees: readonly string[]; seesTypesOf?: readonly string[] }

/** What follows from a payment alone, and what is under it. */
const ground = ['errors', 'wire', 'window', 'payment']
/** What a family of chains sees of the house. */
const outside = ['errors', 'wire', 'window']
const door = [...ground, 'http', 'client']
const engine = [...ground, 'ledger error', 'memory ledger', 'ledger codec']

/**
 * Who may import whom. A file belongs to the first layer that holds it.
 *
 * `errors`, `wire` ← `payment` ← `flow` ← `client` ← doors. Everything that the corridor is handed is a port in `payment`; hooks, limits and
 * ledgers stand beside the corridor and see the ports, schemes stand outside and see the one window.
 */
export const layers: readonly Layer[] = [
  { name: 'errors', holds: /^src\/errors\//, sees: [] },
  { name: 'wire', holds: /^src\/wire\//, sees: ['errors'] },
  // What a scheme is, what it is handed, and how it loads its parts: the one window between pay402 and a chain.
  { name: 'window', holds: /^src\/payment\/(scheme|clock|random|part)\.ts$/, sees: ['errors', 'wire'] },
  { name: 'payment', holds: /^src\/payment\//, sees: ['errors', 'wire', 'window'] },
  { name: 'flow', holds: /^src\/flow\//, sees: ground },
  // The corridor asks it through a port, and it knows no corridor.
  { name: 'hooks', holds: /^src\/hooks\//, sees: ground },
  // What the doors over HTTP have in common.
  { name: 'http', holds: /^src\/http\//, sees: ground },
  { name: 'limits', holds: /^src\/limits\//, sees: ground },
  // What a client remembers of prices; the corridor asks it through a port.
  { name: 'prices', holds: /^src\/prices\//, sees: ground },
  { name: 'ledger error', holds: /^src\/ledger\/error\.ts$/, sees: ground },
  { name: 'memory ledger', holds: /^src\/ledger\/book\//, sees: [...ground, 'ledger error'] },
  { name: 'ledger codec', holds: /^src\/ledger\/codec\//, sees: [...ground, 'ledger error', 'memory ledger'] },
  // Engines don't know each other: one runs in browsers, the other where there are files.
  { name: 'file ledger', holds: /^src\/ledger\/file\//, sees: engine },
  { name: 'browser ledger', holds: /^src\/ledger\/browser\//, sees: engine },
  // What ledgers in databases have in common. The engines don't know each other either.
  { name: 'engine ledger', holds: /^src\/ledger\/engine\//, sees: engine },
  { name: 'redis ledger', holds: /^src\/ledger\/redis\//, sees: [...engine, 'engine ledger'] },
  { name: 'postgres ledger', holds: /^src\/ledger\/postgres\//, sees: [...engine, 'engine ledger'] },
  { name: 'ledger entry', holds: /^src\/ledger\/index\.ts$/, sees: engine },
  // What is asked later, of what was paid before.
  { name: 'desk', holds: /^src\/desk\//, sees: [...ground, 'flow', 'limits'] },
  // Why a call would fail: it asks over HTTP as a door does, and signs nothing.
  { name: 'diagnosis', holds: /^src\/diagnosis\//, sees: [...ground, 'flow', 'http', 'desk', 'published schemes'] },
  // Objects of published packages come by `register`, without a reader of what they sign: the table leads to one, loaded on demand.
  {
    name: 'client',
    holds: /^src\/client\//,
    sees: [...ground, 'flow', 'hooks', 'desk', 'diagnosis', 'limits', 'prices', 'memory ledger', 'published schemes'],
  },
  {
    name: 'root entry',
    holds: /^src\/index\.ts$/,
    sees: [...ground, 'client'],
    seesTypesOf: ['hooks', 'desk', 'diagnosis', 'prices'],
  },
  { name: 'fetch door', holds: /^src\/fetch\//, sees: door, seesTypesOf: ['desk'] },
  { name: 'axios door', holds: /^src\/axios\//, sees: door, seesTypesOf: ['desk'] },
  // ky is a layer over fetch, and so is its door.
  { name: 'ky door', holds: /^src\/ky\//, sees: [...door, 'fetch door'], seesTypesOf: ['desk'] },
  // What a model is given. It sees what any user sees, and makes errors of ours.
  { name: 'agents', holds: /^src\/agents\//, sees: ['errors', 'window', 'entries'] },
  // It speaks no HTTP, and knows none.
  { name: 'mcp door', holds: /^src\/mcp\//, sees: [...ground, 'client'], seesTypesOf: ['desk'] },
  // The kit for tests may see all, and no one sees it: its sellers read what every scheme signs.
  {
    name: 'testing',
    holds: /^src\/testing\//,
    sees: [...ground, 'ledger error', 'memory ledger', 'limits', 'evm', 'svm'],
  },
  // The program: a user of the package like any other, which also tells play money from real.
  { name: 'cli', holds: /^src\/cli\//, sees: ['entries', 'published schemes'] },
  // The tables over all families of chains, and no more than that: families don't see each other, nor them.
  {
    name: 'published schemes',
    holds: /^schemes\/(published-schemes|known-tokens|network-facts)\.ts$/,
    sees: [...outside, 'evm', 'svm'],
  },
  // What families of chains have in common; it knows none of them.
  { name: 'json-rpc', holds: /^schemes\/json-rpc\//, sees: ['errors', 'wire'] },
  { name: 'evm', holds: /^schemes\/evm\//, sees: [...outside, 'json-rpc'] },
  { name: 'svm', holds: /^schemes\/svm\//, sees: [...outside, 'json-rpc'] },
]

/** Which packages a part of the tree may import. What isn't here, nothing may: viem, for one, is only what users bring. */
export const packages: readonly { holds: RegExp; atRunTime: RegExp; asTypes?: RegExp }[] = [
  // Only axios itself finds adapters and makes its errors, and an instance leads to neither. Whoever loads this entry has it loaded.
  { holds: /^src\/axios\//, atRunTime: /^axios$/ },
  { holds: /^src\/ky\//, atRunTime: /^zod\/mini$/, asTypes: /^ky$/ },
  // A model writes the input, so a schema reads it; whoever loads this entry brings the library.
  { holds: /^src\/agents\//, atRunTime: /^zod$/ },
  { holds: /^src\/ledger\/file\//, atRunTime: /^(zod\/mini$|node:)/ },
  // viem is loaded on demand, to recover the signer of a payment where it is installed.
  { holds: /^src\/testing\/seller\//, atRunTime: /^viem$/, asTypes: /^node:http$/ },
  // All of it is bundled into the program, since `npx` installs nothing next to it.
  {
    holds: /^src\/cli\//,
    atRunTime: /^(zod|jsonc-parser|viem\/accounts|@modelcontextprotocol\/server(\/stdio)?|node:.+)$/,
  },
  { holds: /^src\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/)/ },
  { holds: /^schemes\/(published-schemes|known-tokens|network-facts)\.ts$/, atRunTime: /^$/ },
  { holds: /^schemes\/evm\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/)/ },
  { holds: /^schemes\/svm\//, atRunTime: /^(zod\/mini$|@noble\/hashes\/|@solana\/kit$)/ },
]

/** Which step may make which value of the corridor. */
export const brands: Readonly<Record<string, readonly string[]>> = {
  brandChallenge: ['src/flow/read.ts'],
  brandSelected: ['src/flow/select.ts'],
  brandAuthorized: ['src/flow/authorize.ts'],
  brandSigned: ['src/flow/sign.ts', 'src/flow/late-signature.ts', 'src/flow/earlier/claimed.ts', 'src/flow/present.ts'],
  brandDelivered: ['src/flow/present.ts'],
}
