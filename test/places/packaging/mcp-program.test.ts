import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createKeyPairSignerFromPrivateKeyBytes, generateKeyPairSigner, getBase58Decoder } from '@solana/kit'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openDesk } from '../../../src/desk/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { toMigration } from '../../../src/ledger/postgres/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { sellerRoutes } from '../../support/chain/routes.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain } from '../../support/chain/svm/create-svm-chain.js'
import { startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { HOSTS, type HostKind, openHost, type Person } from './mcp-host.js'

const run = promisify(execFile)

/** A folder in which nothing is installed but the tarball that npm would publish: none of its packages, and none of ours. */
let installed = ''
let chain: Chain

beforeAll(async () => {
  installed = mkdtempSync(join(tmpdir(), 'pay402-npx-'))
  const packed = execFileSync('npm', ['pack', '--pack-destination', installed, '--silent'], { encoding: 'utf8' }).trim()
  const folder = join(installed, 'node_modules/pay402')
  mkdirSync(join(installed, 'node_modules/.bin'), { recursive: true })
  mkdirSync(folder)
  execFileSync('tar', ['-xzf', join(installed, packed), '--strip-components=1', '-C', folder])
  const { bin }: { bin: { pay402: string } } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  symlinkSync(join(folder, bin.pay402), join(installed, 'node_modules/.bin/pay402'))
  chain = await createChain()
})
afterAll(async () => {
  await chain.stop()
  rmSync(installed, { recursive: true })
})

let seller: OfficialSeller
let key: `0x${string}`
/** What `GET /slow` waits for, once it is paid. */
let release: () => void
let asked: Promise<void>

beforeEach(async () => {
  key = generatePrivateKey()
  await chain.mint(privateKeyToAddress(key), 1_000_000n)
  let arrive = (): void => undefined
  asked = new Promise((resolve) => {
    arrive = resolve
  })
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = {
    price: '$0.03',
    answer: async () => {
      arrive()
      await waiting
      return { json: { slow: true } }
    },
  }
  const facilitator = createOfficialFacilitator(chain)
  seller = await startOfficialExpressSeller({ facilitator, routes: { ...sellerRoutes, 'GET /slow': slow } })
})
afterEach(() => seller.stop())

/** A folder of a user's, with a configuration in it. */
function createHome(limits: Record<string, unknown> = {}, others: Record<string, unknown> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'pay402-home-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const config = join(home, 'pay402.json')
  const written = {
    key: { env: 'PAY402_KEY' },
    ...others,
    limits: {
      networks: ['eip155:84532'],
      hosts: [new URL(seller.url).host],
      perPayment: '$1',
      perDay: '$0.05',
      ...limits,
    },
  }
  writeFileSync(config, `// What an agent may spend.\n${JSON.stringify(written)}`)
  // What a host hands on, and nothing of this process.
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    PAY402_KEY: key,
    // npm's own news would be on stderr, too.
    npm_config_update_notifier: 'false',
  }
  return { home, config, env, ledger: join(home, 'state/pay402/mcp.ledger') }
}

type Home = ReturnType<typeof createHome>

/** As the page tells a host to start it, and without asking a registry. */
function toStart({ config, env }: Home) {
  const page = readFileSync(join(installed, 'node_modules/pay402/docs/guides/mcp-server.md'), 'utf8')
  const [, block = ''] = /^```json\n(.*?)^```/ms.exec(page) ?? []
  const { pay402 }: { pay402: { command: string; args: string[] } } = JSON.parse(block).mcpServers
  const args = pay402.args.map((arg) => (arg.endsWith('pay402.json') ? config : arg))
  return { command: pay402.command, args, cwd: installed, env: { ...env, npm_config_offline: 'true' } }
}

async function start(kind: HostKind, home: Home, person?: Person) {
  const host = await openHost(kind, toStart(home), person)
  onTestFinished(host.close)
  return host
}

const earned = () => chain.balanceOf(seller.payTo)
const pay = (path: string) => ['pay_and_fetch', { url: `${seller.url}${path}` }] as const

describe.each(HOSTS)('npx pay402 mcp, with nothing installed next to it, spoken to by %s', (kind) => {
  it('lists its tools, says which of them pay, and tells a model how to use them', async () => {
    const host = await start(kind, createHome())
    const tools = await host.tools()
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ['price', true],
      ['pay_and_fetch', false],
      ['budget', true],
      ['my_purchases', true],
    ])
    expect(host.instructions).toContain('No tool can raise them')
  })

  it('tells a price for free, buys from the official seller on a chain, and shows what is left', async () => {
    const host = await start(kind, createHome())
    const priced = await host.call('price', { url: `${seller.url}/weather` })
    expect(priced.told).toMatchObject({ price: '$0.01' })
    expect(await earned()).toBe(0n)

    const bought = await host.call(...pay('/weather'))
    expect(bought.told).toMatchObject({ status: 200, money: 'settled', price: '$0.01' })
    expect(bought.text).toContain('Lisbon')
    expect(bought.isError).toBe(false)
    expect(await earned()).toBe(10_000n)
    expect(await host.read('pay402://budget')).toContain('"left":"$0.04"')
    expect((await host.call('my_purchases', {})).text).toContain(`GET ${seller.url}/weather`)
  })

  it('refuses what a limit of the configuration refuses, and says which', async () => {
    const host = await start(kind, createHome())
    const refused = await host.call(...pay('/expensive'))
    expect(refused.isError).toBe(true)
    expect(refused.told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(refused.text).toContain('$1')
    expect(await earned()).toBe(0n)
  })

  it('asks the person in the host above approveAbove, with price, seller and what is left, and pays after a yes', async () => {
    const questions: string[] = []
    const host = await start(kind, createHome({ approveAbove: '$0.01' }), (message) => {
      questions.push(message)
      return { action: 'accept', content: { pay: true } }
    })
    await host.call(...pay('/weather'))
    expect(questions).toEqual([])
    const bought = await host.call('pay_and_fetch', {
      url: `${seller.url}/report`,
      method: 'POST',
      body: '{"of":"sales"}',
    })
    expect(bought.told).toMatchObject({ status: 200, money: 'settled', price: '$0.02' })
    expect(questions).toHaveLength(1)
    expect(questions[0]).toContain(`Pay $0.02 to ${new URL(seller.url).host}?`)
    expect(questions[0]).toContain(`For: POST ${seller.url}/report`)
    expect(questions[0]).toContain('Left now: $0.04 of $0.05 (perDay)')
    expect(questions[0]).toContain('The seller writes: "A report on what you send"')
    expect(await earned()).toBe(30_000n)
  })

  it.each<[string, ReturnType<Person>]>([
    ['says no', { action: 'decline' }],
    ['closes the question', { action: 'cancel' }],
    ['sends the form without a yes', { action: 'accept', content: { pay: false } }],
  ])('pays nothing when the person %s', async (_, answer) => {
    const host = await start(kind, createHome({ approveAbove: '$0.005' }), () => answer)
    const refused = await host.call(...pay('/weather'))
    expect(refused.told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(await earned()).toBe(0n)
  })

  it('lets a payment above approveAbove wait where the host can ask no one, says where, and pays it once after a yes there', async () => {
    const home = createHome({ approveAbove: '$0.005' })
    const host = await start(kind, home)
    const waiting = await host.call(...pay('/weather'))
    expect(waiting.told).toMatchObject({ outcome: 'waiting', money: 'untouched' })
    expect(waiting.told['where']).toContain(`In the ledger ${home.ledger}.`)
    const [, id = ''] = /The proposal is ([^ "]+)\./.exec(waiting.text) ?? []
    await host.close()

    const ledger = await createFileLedger(home.ledger)
    await openDesk(ledger).approve(id, { by: 'ann@example.com' })
    await ledger.close()
    expect(await earned()).toBe(0n)

    const later = await start(kind, home)
    expect((await later.call(...pay('/weather'))).told).toMatchObject({ status: 200, money: 'settled', price: '$0.01' })
    const [name, input] = pay('/weather')
    expect((await later.call(name, { ...input, fresh: true })).told).toMatchObject({ outcome: 'waiting' })
    expect(await earned()).toBe(10_000n)
  })

  it('asks nothing of a host that the configuration does not list, paid or free', async () => {
    const host = await start(kind, createHome({ hosts: ['api.example.com'] }))
    const refused = await host.call(...pay('/free'))
    expect(refused.told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(seller.requests).toEqual([])
  })

  it('keeps its budget over a restart', async () => {
    const home = createHome({ perDay: '$0.02' })
    const first = await start(kind, home)
    await first.call(...pay('/weather'))
    await first.close()
    const second = await start(kind, home)
    await second.call(...pay('/search?q=1'))
    const refused = await second.call(...pay('/search?q=2'))
    expect(refused.told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(await earned()).toBe(20_000n)
  })

  it('lets a purchase end that is under way when the host leaves', async () => {
    const home = createHome()
    const host = await start(kind, home)
    const bought = host.call(...pay('/slow')).catch(() => undefined)
    await asked
    const closed = host.close()
    release()
    await Promise.all([bought, closed])
    const next = await start(kind, home)
    const { told } = await next.call('my_purchases', {})
    expect(told['purchases']).toMatchObject([
      { resource: `GET ${seller.url}/slow`, money: 'settled', delivery: 'delivered' },
    ])
  })

  it('writes the key nowhere, and keeps its ledger from others', async () => {
    const home = createHome()
    const host = await start(kind, home)
    const bought = await host.call(...pay('/weather'))
    await host.close()
    const files = readdirSync(home.home, { recursive: true, encoding: 'utf8' }).map((name) => join(home.home, name))
    const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'utf8'))
    expect([...texts, bought.text, host.stderr()].filter((text) => text.includes(key.slice(2)))).toEqual([])
    expect(statSync(home.ledger).mode & 0o777).toBe(0o600)
    expect(host.stderr()).toMatch(
      /^pay402 \S+: an MCP server on stdin and stdout\. It pays from 0x\w{40}, on eip155:\d+ \((play|real) money\), within \S+\.\n$/,
    )
    expect(host.stderr()).toContain(privateKeyToAddress(key))
  })
})

describe('npx pay402', () => {
  it('tells its version and its commands, and loads nothing for that', async () => {
    const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'))
    const options = { cwd: installed }
    expect((await run('npx', ['--offline', 'pay402', '--version'], options)).stdout).toBe(`${version}\n`)
    expect((await run('npx', ['--offline', 'pay402', '--help'], options)).stdout).toContain('mcp [--config <file>]')
  })

  it('prints a configuration to copy where there is none, and what is copied needs only its key', async () => {
    const home = mkdtempSync(join(tmpdir(), 'pay402-home-'))
    onTestFinished(() => rmSync(home, { recursive: true }))
    const options = { cwd: home, env: { PATH: process.env['PATH'], HOME: home } }
    const program = join(installed, 'node_modules/.bin/pay402')
    const missing = await fail(program, ['mcp'], options)
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    const [, place = ''] = /^There is no configuration at (.+)\.$/m.exec(missing.stderr) ?? []
    expect(place.startsWith(home)).toBe(true)
    mkdirSync(dirname(place), { recursive: true })
    const [, page = ''] = /^All options are in (.+)\.$/m.exec(missing.stderr) ?? []
    expect(existsSync(page)).toBe(true)
    const [example = ''] = /^\{.*^\}$/ms.exec(missing.stderr) ?? []
    writeFileSync(place, example)
    const keyless = await fail(program, ['mcp'], options)
    expect(keyless.stderr.trim().split('\n')).toEqual([
      `${place} can't be used:`,
      '  line 3, key: the environment variable PAY402_KEY isn\'t set; an MCP host sets it by "env" in its own configuration',
    ])
  })

  it('ends with code 0 on SIGTERM, after the purchase that is under way, and leaves no lock', async () => {
    const home = createHome()
    const child = spawn(join(installed, 'node_modules/.bin/pay402'), ['mcp', '--config', home.config], {
      env: home.env,
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let answered = ''
    child.stdout.on('data', (chunk) => {
      answered += String(chunk)
    })
    const ended = once(child, 'exit')
    const clientInfo = { name: 'a host', version: '1.0.0' }
    const write = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    write({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } })
    write({ method: 'notifications/initialized' })
    const [name, input] = pay('/slow')
    write({ id: 2, method: 'tools/call', params: { name, arguments: input } })
    await asked
    expect(existsSync(`${home.ledger}.lock`)).toBe(true)
    child.kill('SIGTERM')
    release()
    expect(await ended).toEqual([0, null])
    const messages = answered
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(messages.at(-1)).toMatchObject({ id: 2, result: { structuredContent: { status: 200, money: 'settled' } } })
    expect(existsSync(`${home.ledger}.lock`)).toBe(false)
  })

  it('pays on Solana, with a key that a command prints', async () => {
    const svm = await createSvmChain()
    onTestFinished(svm.stop)
    const seed = randomBytes(32)
    const { address } = await createKeyPairSignerFromPrivateKeyBytes(seed)
    await svm.writeAccount(address, { amount: 1_000_000n })
    const payTo = (await generateKeyPairSigner()).address
    await svm.writeAccount(payTo)
    const accepts = { scheme: 'exact', network: svm.network, price: '$0.02', payTo }
    const shop = await startOfficialSvmSeller('hono', [createOfficialSvmFacilitator(svm)], { 'GET /sun': { accepts } })
    onTestFinished(shop.stop)

    const print = `console.log(${JSON.stringify(getBase58Decoder().decode(seed))})`
    const keys = { key: undefined, solanaKey: { command: [process.execPath, '-e', print] } }
    const home = createHome(
      { networks: ['solana:*'], hosts: [new URL(shop.url).host] },
      { ...keys, rpc: { [svm.network]: svm.url } },
    )
    const host = await start('SDK 1', home)
    const bought = await host.call('pay_and_fetch', { url: `${shop.url}/sun` })
    expect(bought.told).toMatchObject({ status: 200, money: 'settled', price: '$0.02' })
    expect(await svm.balanceOf(payTo)).toBe(20_000n)
    expect(host.stderr()).toContain(`It pays from ${address}, on solana:* (real money), within`)
  })

  it('is started by two hosts on one configuration, which share its budget, also once the first is gone', async () => {
    const home = createHome({ perDay: '$0.03' })
    const [claude, cursor] = [await start('SDK 1', home), await start('SDK 2', home)]
    await claude.call(...pay('/search?q=1'))
    await cursor.call(...pay('/search?q=2'))
    await claude.close()
    expect((await cursor.call(...pay('/search?q=3'))).told).toMatchObject({ status: 200, money: 'settled' })
    const refused = await cursor.call(...pay('/search?q=4'))
    expect(refused.told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(await earned()).toBe(30_000n)
  })

  it('is frozen and thawed from a shell while a host has it', async () => {
    const home = createHome()
    const host = await start('SDK 1', home)
    const program = join(installed, 'node_modules/.bin/pay402')
    const { stdout } = await run(program, ['freeze', '--config', home.config, '--by', 'ann'], { env: home.env })
    expect(stdout).toContain(`Its ledger is ${home.ledger}.`)
    expect((await host.call(...pay('/weather'))).told).toMatchObject({ outcome: 'refused', money: 'untouched' })
    await run(program, ['thaw', '--config', home.config, '--by', 'ann'], { env: home.env })
    expect((await host.call(...pay('/weather'))).told).toMatchObject({ status: 200, money: 'settled' })
    expect(await earned()).toBe(10_000n)
  })

  it('prints the migration of a ledger in Postgres, and needs no package for it', async () => {
    const program = join(installed, 'node_modules/.bin/pay402')
    const { stdout, stderr } = await run(program, ['ledger', 'postgres', '--migration'], { cwd: installed })
    expect({ sql: stdout, stderr }).toEqual({ sql: toMigration(), stderr: '' })
  })

  it('has the licenses of all that is bundled', () => {
    const licenses = readFileSync(join(installed, 'node_modules/pay402/dist/cli/third-party-licenses.txt'), 'utf8')
    for (const name of [
      '@modelcontextprotocol/server',
      '@noble/curves',
      '@noble/hashes',
      'jsonc-parser',
      'viem',
      'zod',
    ])
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })
})

async function fail(command: string, args: readonly string[], options: object) {
  const ended = await run(command, args, options).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code: 'code' in ended ? ended.code : 0, stdout: ended.stdout, stderr: ended.stderr }
}
