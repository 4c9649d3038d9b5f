// Loads two entries of the installed package: `node load-pair.mjs import pay402/fetch require pay402/evm`.
// Makes each throw, and fails unless the other's copy of the package knows the error.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const load = { import: (name) => import(name), require: (name) => require(name) }

/** How each entry is made to throw an error of pay402. */
const misuse = {
  pay402: ({ x402Client }) => new x402Client({ noSuchOption: true }),
  'pay402/agents': ({ createPaymentTools }) => createPaymentTools(undefined),
  'pay402/axios': ({ wrapAxiosWithPayment }) => wrapAxiosWithPayment(undefined),
  'pay402/desk': ({ openDesk }) => openDesk(undefined),
  'pay402/evm': ({ ExactEvmScheme }) => new ExactEvmScheme(undefined),
  'pay402/fetch': ({ wrapFetchWithPayment }) => wrapFetchWithPayment(undefined),
  'pay402/ky': ({ wrapKyWithPayment }) => wrapKyWithPayment(undefined),
  'pay402/ledger': ({ createMemoryLedger }) => createMemoryLedger().note('no such id', { type: 'lost' }),
  'pay402/ledger/browser': ({ createBrowserLedger }) => createBrowserLedger({ noSuchOption: true }),
  'pay402/ledger/file': ({ createFileLedger }) => createFileLedger('payments.ledger', { noSuchOption: true }),
  'pay402/ledger/postgres': ({ createPostgresLedger }) => createPostgresLedger({ noSuchOption: true }),
  'pay402/ledger/redis': ({ createRedisLedger }) => createRedisLedger({ noSuchOption: true }),
  'pay402/mcp': ({ wrapMCPClientWithPayment }) => wrapMCPClientWithPayment(undefined),
  'pay402/svm': ({ ExactSvmScheme }) => new ExactSvmScheme(undefined),
  'pay402/limits': ({ createLimits }) => createLimits({ noSuchOption: true }),
  'pay402/testing': ({ ledgerContract }) => ledgerContract(undefined),
}

const [firstMode, firstName, secondMode, secondName] = process.argv.slice(2)
const first = await load[firstMode](firstName)
const second = await load[secondMode](secondName)

/** As in `@x402/evm/v1` and `@x402/svm/v1`: one name, and in each entry the list of its own chains. */
const listsOfChains = ['NETWORKS']

if (firstMode === secondMode) {
  for (const name of Object.keys(first).filter((name) => name in second && !listsOfChains.includes(name))) {
    assert.equal(first[name], second[name], `${firstName} and ${secondName} each have their own ${name}`)
  }
}
await assertKnown(await provoke(first, firstName), secondMode)
await assertKnown(await provoke(second, secondName), firstMode)

async function provoke(entry, name) {
  assert.ok(name in misuse, `write down how ${name} is made to throw`)
  try {
    await misuse[name](entry)
  } catch (error) {
    return error
  }
  throw new Error(`${name} did not throw`)
}

async function assertKnown(error, mode) {
  const { ConfigurationError, isX402Error, X402Error } = await load[mode]('pay402')
  assert.ok(isX402Error(error), `isX402Error doesn't know ${error}`)
  assert.ok(error instanceof X402Error, `instanceof doesn't know ${error}`)
  assert.equal(error instanceof ConfigurationError, error.name === 'ConfigurationError')
}
