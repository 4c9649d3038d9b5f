import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { askToPay, catchError, createMcpBuyer, deliver, RECEIPT, sell } from './answers.js'
import { openModern, openV1, openV2, type Sell, VERSIONS } from './open-mcp.js'

const CALL = { name: 'get_forecast', arguments: { city: 'Berlin' } }
const SERVER = { server: 'stdio:weather' } as const

/** Asks to be paid, settles, and says nothing to so many payments before it delivers. */
function createSilent(times: number): Sell {
  let silent = 0
  return ({ payment, signal }) => {
    if (payment === undefined) return askToPay()
    if (silent++ >= times) return deliver()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
}

describe.each(VERSIONS)('a lost answer over MCP, with %s', (_, open) => {
  it('error: ANSWER_LOST when the SDK gives up waiting, and the same call presents the same payment', async () => {
    const { mcpClient, payments, asked } = await open(createSilent(1))
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    const call = (timeout?: number) => callWith(mcp, timeout === undefined ? {} : { timeout })
    await expect(call(400)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
    const result = await call()
    expect(paymentOf(result as object)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(payments()).toHaveLength(1)
    expect(asked.map(({ payment }) => payment !== undefined)).toEqual([false, true, false, true])
    expect(await records()).toHaveLength(1)
  })

  it('error: ABORTED when the caller gives up, and the same call presents the same payment', async () => {
    const { mcpClient, payments } = await open(createSilent(1))
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    const controller = new AbortController()
    client.on('payment', ({ type }) => type === 'sent' && setImmediate(() => controller.abort()))
    await expect(callWith(mcp, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      money: 'in-doubt',
    })
    expect(paymentOf((await callWith(mcp, {})) as object)?.money).toBe('settled')
    expect(payments()).toHaveLength(1)
  })

  it('presents the same payment after a restart, over a new connection', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pay402-mcp-')), 'payments.jsonl')
    const silent = createSilent(1)
    const first = await open(silent)
    const ledger = await createFileLedger(path)
    const before = wrapMCPClientWithPayment(first.mcpClient, createMcpBuyer({ ledger }).client, SERVER)
    await catchError(callWith(before, { timeout: 400 }))
    await ledger.close()
    const second = await open(silent)
    const again = await createFileLedger(path)
    const after = wrapMCPClientWithPayment(second.mcpClient, createMcpBuyer({ ledger: again }).client, SERVER)
    expect(paymentOf((await callWith(after, {})) as object)?.money).toBe('settled')
    await again.close()
    expect([...first.payments(), ...second.payments()]).toHaveLength(2)
    expect(first.payments()).toEqual(second.payments())
  })

  it('makes one authorization in all, though the server keeps settling and saying nothing', async () => {
    const { mcpClient, payments } = await open(createSilent(3))
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    for (let tries = 0; tries < 3; tries++) await catchError(callWith(mcp, { timeout: 400 }))
    expect(paymentOf((await callWith(mcp, {})) as object)?.money).toBe('settled')
    expect(payments()).toHaveLength(1)
    expect(await records()).toHaveLength(1)
  })

  it('error: ANSWER_LOST when the connection closes, and the payment is in doubt', async () => {
    const { mcpClient, payments } = await open(createSilent(1))
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    client.on('payment', ({ type }) => type === 'sent' && setImmediate(() => void mcpClient.close()))
    await expect(callWith(mcp, {})).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(payments()).toHaveLength(1)
    expect(await records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
  })

  it('error: ANSWER_LOST when the server fails, and PAYMENT_REJECTED when it asks again', async () => {
    const answers = [() => fail(-32603), () => askToPay()]
    const { mcpClient, payments } = await open(({ payment }) =>
      payment === undefined ? askToPay() : (answers.shift()?.() ?? {}),
    )
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    await expect(callWith(mcp, {})).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    await expect(callWith(mcp, {})).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(payments()).toHaveLength(1)
  })

  it('sends a lost payment again by itself where the listing says that the tool changes nothing', async () => {
    const answers = [() => fail(-32603), () => deliver()]
    const tool = { name: 'get_forecast', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
    const { mcpClient, payments } = await open(
      ({ payment }) => (payment === undefined ? askToPay() : (answers.shift()?.() ?? {})),
      [tool],
    )
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, SERVER)
    await mcp.listTools()
    expect(paymentOf((await callWith(mcp, {})) as object)?.money).toBe('settled')
    expect(payments()).toHaveLength(1)
  })
})

describe.each(VERSIONS)('the error of a paid tool, with %s', (_, open) => {
  it('is handed over, and the next call presents the same payment', async () => {
    const failed = { isError: true, content: [{ type: 'text', text: 'no such city' }] }
    const answers = [failed, deliver()]
    const { mcpClient, payments } = await open(({ payment }) =>
      payment === undefined ? askToPay() : (answers.shift() ?? {}),
    )
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    const result = (await callWith(mcp, {})) as object
    expect(result).toEqual(failed)
    expect(paymentOf(result)).toMatchObject({ money: 'in-doubt', delivery: 'answered' })
    expect(paymentOf((await callWith(mcp, {})) as object)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(payments()).toHaveLength(1)
    expect(await records()).toHaveLength(1)
  })

  it('settles by a good receipt, and delivers nothing', async () => {
    const failed = { isError: true, content: [], _meta: { 'x402/payment-response': RECEIPT } }
    const { mcpClient } = await open(({ payment }) => (payment === undefined ? askToPay() : failed))
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, SERVER)
    expect(paymentOf((await callWith(mcp, {})) as object)).toMatchObject({ money: 'settled', delivery: 'answered' })
  })

  it('of JSON-RPC that blames the request is thrown as the SDK throws it, with its payment', async () => {
    const { mcpClient } = await open(({ payment }) => (payment === undefined ? askToPay() : fail(-32602)))
    const { client, records } = createMcpBuyer()
    const error = await catchError(callWith(wrapMCPClientWithPayment(mcpClient, client, SERVER), {}))
    expect(error).toMatchObject({ code: -32602 })
    expect(paymentOf(error as object)).toMatchObject({ money: 'in-doubt', delivery: 'answered' })
    expect(await records()).toMatchObject([{ delivery: 'answered' }])
  })

  it('that the SDK finds in a paid result is thrown, and the money is told', async () => {
    const outputSchema = { type: 'object', properties: { degrees: { type: 'number' } }, required: ['degrees'] }
    const tool = { name: 'get_forecast', inputSchema: { type: 'object' }, outputSchema }
    const wrong = { ...deliver(), structuredContent: { degrees: 'warm' } }
    const { mcpClient } = await open(({ payment }) => (payment === undefined ? askToPay() : wrong), [tool])
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    await mcp.listTools()
    const error = await catchError(callWith(mcp, {}))
    expect(error).toMatchObject({ message: expect.stringContaining('Structured content does not match') })
    expect(paymentOf(error as object)).toMatchObject({ money: 'settled', delivery: 'delivered' })
  })
})

/** Answers with an error of JSON-RPC. */
function fail(code: number): never {
  throw Object.assign(new Error('It failed.'), { code })
}

type Mcp = { callTool(...args: never[]): Promise<unknown> }

/** Calls a tool with options, where the version of the SDK takes them. */
function callWith(mcp: Mcp, options: object): Promise<unknown> {
  const isFirst = !('getProtocolEra' in mcp)
  return Reflect.apply(mcp.callTool, mcp, isFirst ? [CALL, undefined, options] : [CALL, options])
}

describe('a payment over MCP', () => {
  it('goes to no other server than the one that asked, though the client was connected anew', async () => {
    const { mcpClient, connect, payments } = await openModern(sell)
    const { client, records } = createMcpBuyer({ limits: { approve: () => move().then(() => true) } })
    const move = async () => {
      await mcpClient.close()
      await connect('https://other.example.com/mcp')
    }
    const mcp = wrapMCPClientWithPayment(mcpClient, client)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'MCP_SERVER_CHANGED', money: 'released' })
    expect(payments()).toEqual([])
    expect(await records()).toMatchObject([{ call: { host: 'mcp.example.com' }, state: 'released' }])
  })

  it('that was lost at one server is not presented at another', async () => {
    const silent = createSilent(1)
    const { mcpClient, connect, payments } = await openModern(silent)
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client)
    await catchError(mcp.callTool(CALL, { timeout: 400 }))
    await mcpClient.close()
    await connect('https://other.example.com/mcp')
    await mcp.callTool(CALL)
    expect(payments()).toHaveLength(2)
    expect((await records()).map(({ call }) => call.host).sort()).toEqual(['mcp.example.com', 'other.example.com'])
  })

  it('that was lost at one server is not presented at one of another name', async () => {
    const [first, second] = [await openV1(createSilent(1)), await openV2(sell)]
    const { client } = createMcpBuyer()
    await catchError(
      wrapMCPClientWithPayment(first.mcpClient, client, { server: 'stdio:a' }).callTool(CALL, undefined, {
        timeout: 50,
      }),
    )
    await wrapMCPClientWithPayment(second.mcpClient, client, { server: 'stdio:b' }).callTool(CALL)
    expect(first.payments()).not.toEqual(second.payments())
  })
})
