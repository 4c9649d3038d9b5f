// A client with a scheme object from elsewhere, in an installation of which a part is missing: `node pay-without-readers.mjs published-schemes`
// takes away the files of that name, as a failed download of a page would.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [missing = ''] = process.argv.slice(2)
const installed = join(import.meta.dirname, 'node_modules/pay402')
const copy = mkdtempSync(join(import.meta.dirname, 'node_modules/pay402-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
cpSync(installed, copy, { recursive: true })
const files = readdirSync(join(copy, 'dist')).filter((name) => missing !== '' && name.startsWith(missing))
for (const name of files) rmSync(join(copy, 'dist', name))
assert.equal(files.length > 0, missing !== '')

const { x402Client } = await import(pathToFileURL(join(copy, 'dist/index.js')).href)

const offer = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}
let signatures = 0
const scheme = {
  scheme: 'exact',
  findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
  async createPaymentPayload(x402Version, { payTo: to, amount: value, maxTimeoutSeconds }) {
    signatures++
    const validBefore = String(Math.floor(Date.now() / 1000) + maxTimeoutSeconds)
    const from = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
    const authorization = { from, to, value, validAfter: '0', validBefore, nonce: `0x${'11'.repeat(32)}` }
    return { x402Version, payload: { authorization, signature: `0x${'11'.repeat(64)}1b` } }
  },
}
const client = new x402Client().register('eip155:*', scheme)
const url = 'https://api.example.com/report'
const paying = client.createPaymentPayload({ x402Version: 2, resource: { url }, accepts: [offer] }, { url })
if (missing === '') {
  assert.equal((await paying).payload.authorization.value, '10000')
} else {
  const error = await paying.catch((thrown) => thrown)
  assert.equal(error.code, 'SIGNER_FAILED')
  assert.equal(error.money, 'untouched')
  assert.deepEqual(await client.payments(), [])
  assert.equal(signatures, 0)
}
