// Calls of many kinds in an installation in which one part that is loaded on demand is missing, as a download of a page may be:
// `node pay-without-a-part.mjs resume-found`. Prints, as JSON, which calls were refused. Whatever was refused signed nothing new, reserved
// nothing and touched no money; once the part is there again, the same call is paid, once.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [part = ''] = process.argv.slice(2)
const copy = mkdtempSync(join(import.meta.dirname, 'node_modules/pay402-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
cpSync(join(import.meta.dirname, 'node_modules/pay402'), copy, { recursive: true })
const files = readdirSync(join(copy, 'dist')).filter((name) => name.replace(/-[A-Z0-9]{8}\.js$/, '') === part)
assert.ok(files.length > 0)
const load = (entry) => import(pathToFileURL(join(copy, 'dist', `${entry}.js`)).href)
const { x402Client } = await load('index')
const { wrapFetchWithPayment } = await load('fetch')
const { wrapAxiosWithPayment } = await load('axios')
const { ExactEvmScheme, UptoEvmScheme } = await load('evm')
const { createMemoryLedger } = await load('ledger')
const { openDesk } = await load('desk')
const { ExactEvmScheme: OfficialScheme } = await import('@x402/evm/exact/client')
const { default: axios, AxiosHeaders } = await import('axios')
const { domainSeparator } = await import('viem')

const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
const URL_ASKED = 'https://api.example.com/report'
const offer = {
  scheme: 'exact',
  network: 'eip155:84532',
  amount: '10000',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}
const byPermit2 = { ...offer, extra: { ...offer.extra, assetTransferMethod: 'permit2' } }
const upto = { ...offer, scheme: 'upto', extra: { ...byPermit2.extra, facilitatorAddress: offer.payTo } }

/** The separator that the token answers, so that its permits can be signed. */
const separator = domainSeparator({
  domain: { name: 'USDC', version: '2', chainId: 84532, verifyingContract: offer.asset },
})

/** A node that says of every account that it holds enough, allows nothing and has used nothing. */
const toWord = (value) => `0x${value.toString(16).padStart(64, '0')}`
/** `balanceOf` and `DOMAIN_SEPARATOR`. */
const ANSWERS = { eth_chainId: '0x14a34', '0x70a08231': toWord(10n ** 9n), '0x3644e515': separator }
const node = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const answer = ({ id, method, params }) => {
      const selector = method === 'eth_call' ? params[0].data.slice(0, 10) : method
      const result = ANSWERS[selector] ?? toWord(0n)
      return { jsonrpc: '2.0', id, result }
    }
    const asked = JSON.parse(Buffer.concat(chunks).toString())
    response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked)))
  })
})
await new Promise((resolve) => node.listen(0, '127.0.0.1', resolve))
process.on('exit', () => node.close())
const rpc = { 'eip155:84532': `http://127.0.0.1:${node.address().port}` }

/** A scheme object from elsewhere on Solana, which can't read what it signs, as that of `@x402/svm` can't. */
const onSolana = (signer) => ({
  scheme: 'exact',
  findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
  async createPaymentPayload(x402Version) {
    await signer.signTypedData()
    return { x402Version, payload: { transaction: 'AQ==' } }
  },
})
const solana = {
  ...offer,
  network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
  payTo: '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4',
}

/**
 * What one call needs that others don't. With `endsWith` it is refused also where nothing is missing, by that code: what is looked at is that
 * a missing part changes nothing but the code.
 */
const KINDS = {
  plain: {},
  hooks: { prepare: (client) => client.onBeforePaymentCreation(() => undefined) },
  approval: { options: { limits: { approveAbove: '$0', approve: () => true } } },
  preference: { options: { prefer: { networks: ['eip155:84532'] } }, accepts: [offer, { ...offer, amount: '9000' }] },
  funds: {
    options: { prefer: { funded: true } },
    accepts: [offer, { ...offer, amount: '9000' }],
    scheme: { rpc },
  },
  aged: { headers: { age: '5' } },
  permit2: { accepts: [byPermit2] },
  upto: { accepts: [upto] },
  sponsored: {
    accepts: [byPermit2],
    extensions: { eip2612GasSponsoring: { info: { description: '', version: '1' }, schema: {} } },
    scheme: { rpc },
  },
  hashed: { scheme: { signing: 'hash' } },
  described: { extensions: { bazaar: { info: { input: { type: 'http', method: 'GET' } }, schema: {} } } },
  'with extensions in its body': { body: JSON.stringify({ x402Version: 2, extensions: { words: { info: {} } } }) },
  official: { isOfficial: true },
  solana: { accepts: [solana], endsWith: 'SIGNED_OTHER_TERMS' },
  'handed out': { isHandedOut: true },
  expensive: { options: { limits: { perPayment: '$0.001' } }, endsWith: 'LIMIT_PER_PAYMENT' },
  unpayable: { accepts: [{ ...offer, scheme: 'unheard-of' }], endsWith: 'NO_PAYABLE_OFFER' },
  lost: { isLostFirst: true },
  'opened again': { isLostFirst: true, isOpenedAgain: true },
  'by axios': { isByAxios: true },
  'of an agent': { restricted: { hosts: ['api.example.com'] } },
  'of an agent by axios': { restricted: { hosts: ['api.example.com'] }, isByAxios: true },
  'asked at a desk': { options: { limits: { approve: 'later' } }, endsWith: 'APPROVAL_PENDING' },
  'proposed ahead': { isProposed: true },
  'under the limits of a desk': { atDesk: { perPayment: '$0.50' } },
  drained: { isDrained: true, endsWith: 'CLIENT_DRAINED' },
  prepaid: { options: { prepay: [{ route: URL_ASKED }] } },
  'prepaid by axios': { options: { prepay: [{ route: URL_ASKED }] }, isByAxios: true },
}

function open({
  options = {},
  prepare,
  accepts = [offer],
  extensions,
  headers = {},
  body = '{}',
  scheme = {},
  isOfficial,
  isLostFirst,
  isHandedOut,
  isOpenedAgain,
  isByAxios,
  restricted,
  isProposed,
  atDesk,
  isDrained,
}) {
  const seen = { signatures: 0, paid: new Set(), isLost: isLostFirst === true }
  const signer = {
    address: PAYER,
    async signTypedData() {
      seen.signatures++
      return `0x${'11'.repeat(64)}1b`
    },
    sign: () => signer.signTypedData(),
  }
  const ledger = createMemoryLedger()
  const client = new x402Client({ ...options, ledger })
  client.register('eip155:*', isOfficial ? new OfficialScheme(signer) : new ExactEvmScheme(signer, scheme))
  client.register('eip155:*', new UptoEvmScheme(signer, scheme))
  client.register('solana:*', onSolana(signer))
  prepare?.(client)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64')
  const terms = { x402Version: 2, resource: { url: URL_ASKED }, accepts, ...(extensions && { extensions }) }
  let asked = 0
  const send = async (input, init) => {
    const payment = new Request(input, init).headers.get('payment-signature')
    if (payment === null) {
      const isAged = asked++ === 0
      const length = { 'content-length': String(body.length) }
      const told = { 'payment-required': encode(terms), ...length, ...(isAged && headers) }
      return new Response(body, { status: 402, headers: told })
    }
    seen.paid.add(payment)
    if (!seen.isLost) return new Response('bought')
    throw new TypeError('fetch failed')
  }
  const payer = restricted === undefined ? client : client.restrict(restricted)
  const paidFetch = wrapFetchWithPayment(send, payer)
  const list = async () => {
    const all = []
    for await (const payment of ledger.list({})) all.push(payment)
    return all
  }
  const handOut = async () => {
    const payload = await client.createPaymentPayload(terms, { url: URL_ASKED })
    return send(URL_ASKED, { headers: { 'payment-signature': encode(payload) } })
  }
  const openAgain = async () => {
    const [lost] = await list()
    if (lost === undefined) return paidFetch(URL_ASKED)
    const { payload } = await client.begin(lost.id)
    return send(URL_ASKED, { headers: { 'payment-signature': encode(payload) } })
  }
  /** An adapter of one's own, as in tests and on platforms that axios has none for. */
  const adapter = async (config) => {
    const response = await send(URL_ASKED, { headers: { ...config.headers.toJSON() } })
    const { status, statusText } = response
    const headers = new AxiosHeaders(Object.fromEntries(response.headers))
    return { status, statusText, headers, data: await response.text(), config, request: {} }
  }
  const paidAxios = wrapAxiosWithPayment(axios.create({ adapter }), payer)
  const callByAxios = async () => new Response((await paidAxios.get(URL_ASKED)).data)
  const propose = async () => {
    await client.propose(URL_ASKED, { fetch: send })
    return paidFetch(URL_ASKED)
  }
  const callUnderDesk = async () => {
    await openDesk(ledger).limits(atDesk, { by: 'ann@example.com' })
    return paidFetch(URL_ASKED)
  }
  const callDrained = async () => {
    await client.drain()
    return paidFetch(URL_ASKED)
  }
  const calls = [
    [isHandedOut, handOut],
    [isOpenedAgain, openAgain],
    [isByAxios, callByAxios],
    [isProposed, propose],
    [atDesk, callUnderDesk],
    [isDrained, callDrained],
  ]
  const [, call = () => paidFetch(URL_ASKED)] = calls.find(([isMeant]) => isMeant) ?? []
  return { call, seen, list }
}

const refused = []
for (const [kind, given] of Object.entries(KINDS)) {
  const { call, seen, list } = open(given)
  if (given.isLostFirst) await assert.rejects(call(), { code: 'ANSWER_LOST' })
  seen.isLost = false
  const before = { signatures: seen.signatures, payments: await list() }
  for (const name of files) renameSync(join(copy, 'dist', name), join(copy, 'dist', `${name}.gone`))
  const outcome = await call().catch((error) => error)
  for (const name of files) renameSync(join(copy, 'dist', `${name}.gone`), join(copy, 'dist', name))
  if (outcome instanceof Response || outcome.code === given.endsWith) continue
  refused.push(kind)
  assert.equal(outcome.code, 'PART_NOT_LOADED', `${kind}: ${outcome.stack}`)
  assert.equal(outcome.money, 'untouched', kind)
  assert.equal(seen.signatures, before.signatures, kind)
  assert.deepEqual(await list(), before.payments, kind)
  if (given.endsWith !== undefined) {
    await assert.rejects(call(), { code: given.endsWith })
    continue
  }
  assert.equal(await (await call()).text(), 'bought')
  assert.equal(seen.paid.size, 1, kind)
  assert.equal((await list()).length, 1, kind)
}
console.log(JSON.stringify(refused))
process.exit()
