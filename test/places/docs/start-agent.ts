import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from '../../support/chain/listen.js'
import { NETWORK, PAY_TO } from '../../support/offers.js'
import type { OfficialResources } from './official-resources.js'

/** How an agent treats those who pay it. */
export type Manners = {
  /** It works while it's asked for the task so many times. @default 0 */
  readonly works?: number
  /** So many responses to a paid message are lost. @default 0 */
  readonly loses?: number
  /** Why it takes no payment. @default it does */
  readonly refuses?: string
}

type Task = { id: string; kind: 'task'; contextId: string; status: object; artifacts?: object[]; left: number }
type Asked = {
  method: string
  params: { id?: string; message?: { taskId?: string; metadata?: Record<string, unknown> } }
}

/** Starts an agent that is paid for each task, as `specs/transports-v2/a2a.md` of x402 has it, with the official parts. */
export async function startAgent({ resources }: Pick<OfficialResources, 'resources'>, manners: Manners = {}) {
  const { works = 0, refuses } = manners
  let { loses = 0 } = manners
  const tasks = new Map<string, Task>()
  const payloads: unknown[] = []
  const accepts = await resources.buildPaymentRequirements({
    scheme: 'exact',
    network: NETWORK,
    payTo: PAY_TO,
    price: '$0.01',
  })

  const say = (task: Task, state: string, metadata: object, more: object = {}): Task =>
    Object.assign(task, {
      ...more,
      status: { state, message: { kind: 'message', role: 'agent', parts: [], metadata } },
    })

  async function open(): Promise<Task> {
    const task: Task = { id: randomUUID(), kind: 'task', contextId: randomUUID(), status: {}, left: works }
    tasks.set(task.id, task)
    const required = await resources.createPaymentRequiredResponse(accepts, { url: 'https://agent.example/image' })
    return say(task, 'input-required', { 'x402.payment.status': 'payment-required', 'x402.payment.required': required })
  }

  /** A payment that comes twice is taken once: the task has its receipt. */
  async function pay(task: Task, metadata: Record<string, unknown>): Promise<Task> {
    if (metadata['x402.payment.status'] !== 'payment-submitted') throw new Error('no payment was submitted')
    const payment = metadata['x402.payment.payload'] as Parameters<typeof resources.settlePayment>[0] // as the specification has it
    payloads.push(payment)
    const terms = resources.findMatchingRequirements(accepts, payment)
    const verified = terms && (await resources.verifyPayment(payment, terms))
    if (terms === undefined || !verified?.isValid || refuses !== undefined) {
      const receipts = [
        { success: false, errorReason: refuses ?? 'invalid_payload', network: NETWORK, transaction: '' },
      ]
      return say(task, 'failed', {
        'x402.payment.status': 'payment-failed',
        'x402.payment.error': 'INVALID_PAYMENT',
        'x402.payment.receipts': receipts,
      })
    }
    if (task.left > 0) return say(task, 'working', { 'x402.payment.status': 'payment-verified' }, { payment, terms })
    if (task.artifacts !== undefined) return task
    const receipt = await resources.settlePayment(payment, terms)
    const receipts = [{ success: false, errorReason: 'timeout', network: NETWORK, transaction: '' }, receipt]
    const completed = { 'x402.payment.status': 'payment-completed', 'x402.payment.receipts': receipts }
    return say(task, 'completed', completed, { artifacts: [{ name: 'image.png' }] })
  }

  async function look(task: Task): Promise<Task> {
    task.left -= 1
    const { payment } = task as { payment?: unknown }
    return task.left > 0
      ? task
      : pay(task, { 'x402.payment.status': 'payment-submitted', 'x402.payment.payload': payment })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!String(request.headers['x-a2a-extensions']).includes('a2a-x402')) {
      response.writeHead(400).end()
      return
    }
    const { method, params }: Asked = JSON.parse(await text(request))
    const known = tasks.get(params.id ?? params.message?.taskId ?? '')
    const isPaid = known !== undefined && method === 'message/send'
    const result = isPaid ? await pay(known, params.message?.metadata ?? {}) : known ? await look(known) : await open()
    if (isPaid && loses > 0) {
      loses -= 1
      response.destroy()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  const { url, stop } = await listen(server)
  onTestFinished(stop)
  return { url, payloads }
}
