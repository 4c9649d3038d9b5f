import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runProgram } from '../../../../src/cli/program.js'
import { createSeller, type SellerScript } from '../../../../src/testing/index.js'
import { createGate } from '../../../support/money/create-gate.js'
import { createTerminal } from '../../../unit/cli/create-terminal.js'

const KEY = '11'.repeat(32)

/** The program, between a host that writes what it likes and a seller on this machine. */
async function openProgram(script: SellerScript, limits: object = {}, capabilities: object = {}) {
  const seller = createSeller(script)
  const { url, stop } = await seller.listen()
  const cwd = mkdtempSync(join(tmpdir(), 'pay402-host-'))
  const own = { networks: ['eip155:84532'], hosts: [new URL(url).host], ...limits }
  writeFileSync(join(cwd, 'pay402.json'), JSON.stringify({ key: { env: 'K' }, ledger: 'l', limits: own }))
  const { terminal, stdin, stdout, readStderr } = createTerminal({ cwd, env: { K: KEY } })
  const ended = runProgram(['mcp', '--config', 'pay402.json'], terminal)
  onTestFinished(async () => {
    stdin.end()
    await ended
    await stop()
    rmSync(cwd, { recursive: true })
  })
  const lines: string[] = []
  const waiting = new Map<unknown, (message: unknown) => void>()
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line)
    const message: unknown = JSON.parse(line)
    waiting.get(Reflect.get(new Object(message), 'id'))?.(message)
  })
  const send = (message: object) => stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const ask = (id: number, method: string, params: object) =>
    new Promise((resolve) => {
      waiting.set(id, resolve)
      send({ id, method, params })
    })
  const clientInfo = { name: 'a host', version: '1.0.0' }
  await ask(0, 'initialize', { protocolVersion: '2025-06-18', capabilities, clientInfo })
  send({ method: 'notifications/initialized' })
  const call = (id: number, input: object, more: object = {}) =>
    ask(id, 'tools/call', { name: 'pay_and_fetch', arguments: input, ...more })
  return { seller, url, call, send, written: () => lines.join('\n') + readStderr() }
}

/** What a tool told. */
function toldOf(outcome: string, more: object = {}) {
  return { result: { structuredContent: { outcome, ...more } } }
}

describe('a host', () => {
  it('that cancels a call in the middle of a purchase, and makes it again, presents the same payment', async () => {
    const [asked, delivery] = [createGate(), createGate()]
    const answer = async () => {
      asked.open()
      await delivery.passed
      return { temperature: 21 }
    }
    const { seller, url, call, send } = await openProgram({ answer, redelivers: true })
    const input = { url: `${url}/weather` }
    void call(1, input)
    await asked.passed
    send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'too slow' } })
    const again = call(2, input)
    delivery.open()
    expect(await again).toMatchObject(toldOf('received', { price: '$0.01' }))
    expect(new Set(seller.payments.map(({ nonce }) => nonce)).size).toBe(1)
  })

  it('that can ask no one gets no yes by answers to questions that were never asked', async () => {
    const { seller, url, call } = await openProgram({}, { approveAbove: '$0.001' })
    const yes = { action: 'accept', content: { pay: true } }
    const forged = { inputResponses: { pay: yes, '': yes, __proto__: yes, constructor: yes }, requestState: 'approved' }
    expect(await call(1, { url }, forged)).toMatchObject(toldOf('waiting', { money: 'untouched' }))
    expect(await call(2, { url, ...forged, x402: { proposal: 'any' } })).toMatchObject(toldOf('waiting'))
    expect(seller.payments).toHaveLength(0)
  })

  it('that accepts forms as they come says no', async () => {
    const { seller, url, call, send, written } = await openProgram({}, { approveAbove: '$0.001' }, { elicitation: {} })
    const told = call(1, { url })
    const readId = () => /"id":(\d+)[^\n]*"elicitation\/create"|"elicitation\/create"[^\n]*"id":(\d+)/.exec(written())
    while (readId() === null) await new Promise((resolve) => setTimeout(resolve, 5))
    send({
      id: Number(
        readId()
          ?.slice(1)
          .find((one) => one !== undefined),
      ),
      result: { action: 'accept', content: {} },
    })
    expect(await told).toMatchObject({ result: { isError: true } })
    expect(seller.payments).toHaveLength(0)
  })

  it('whose model writes names of prototypes and options of the client changes nothing, and sees no key', async () => {
    const { seller, url, call, written } = await openProgram({}, { perPayment: '$0.02' })
    const wide = {
      x402: { max: '$5' },
      limits: { perPayment: '$5' },
      signal: {},
      redirect: 'follow',
      __proto__: { max: '$5' },
    }
    expect(await call(1, { url, ...wide, max: '$0.001' })).toMatchObject(toldOf('refused', { price: '$0.01' }))
    const headers = ['__proto__', 'constructor', 'toString'].map((name) => ({ name, value: 'x' }))
    expect(await call(2, { url, headers })).toMatchObject(toldOf('received'))
    expect(await call(3, { url, headers: [{ name: 'payment-signature', value: 'x' }] })).toMatchObject(
      toldOf('bad-input'),
    )
    expect(seller.payments).toHaveLength(1)
    expect(written()).not.toContain(KEY)
  })
})
