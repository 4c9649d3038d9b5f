import { setTimeout } from 'node:timers/promises'
import type { PaymentSummary, RestrictedClient } from 'pay402'

/** What agents that take x402 declare. Source: x402, `specs/transports-v2/a2a.md`. */
const EXTENSION = 'https://github.com/google-a2a/a2a-x402/v0.1'

/** How long a message and all that follows it may take, in milliseconds. */
const PATIENCE_MS = 120_000

type Metadata = Readonly<Record<string, unknown>>

/** A task, as an agent returns it. */
export type Task = {
  readonly id: string
  readonly contextId?: string
  readonly status: { readonly state: string; readonly message?: { readonly metadata?: Metadata } }
  readonly artifacts?: readonly unknown[]
}

/** An agent, and what reaches it. */
export type Agent = { readonly url: string; readonly fetch: typeof fetch }

/** Sends a message to an agent, and returns its task, which may ask for money. */
export function sendMessage(agent: Agent, text: string): Promise<Task> {
  const message = { kind: 'message', role: 'user', messageId: crypto.randomUUID(), parts: [{ kind: 'text', text }] }
  return call(agent, 'message/send', { message })
}

/**
 * Pays for a task that asks for it. Called again for the same task, after a response that was lost or in another process, it sends the same
 * payment: the task is the purchase.
 *
 * @returns The task as the agent left it, and the payment; none if it asked for nothing.
 * @throws An error of pay402, whose `money` says where the money is.
 */
export async function payTask(
  agent: Agent,
  client: Pick<RestrictedClient, 'begin'>,
  task: Task,
): Promise<{ task: Task; payment?: PaymentSummary }> {
  const asked = metadataOf(task)
  if (asked['x402.payment.status'] !== 'payment-required') return { task }
  const required = new Object(asked['x402.payment.required']) // what is no PaymentRequired is refused
  const open = await client.begin(required, { url: agent.url, method: 'POST', purchase: task.id })
  const metadata = { 'x402.payment.status': 'payment-submitted', 'x402.payment.payload': open.payload }
  const parts = [{ kind: 'text', text: 'Here is the payment.' }]
  const { id: taskId, contextId } = task
  const message = { kind: 'message', role: 'user', messageId: crypto.randomUUID(), taskId, contextId, parts, metadata }

  let paid: Task
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    paid = await call(agent, 'message/send', { message }, signal)
    // `payment-verified`: it's still at work, and takes the money when it's done.
    while (['submitted', 'working'].includes(paid.status.state)) {
      await setTimeout(500, undefined, { signal })
      paid = await call(agent, 'tasks/get', { id: taskId }, signal)
    }
  } catch (cause) {
    throw (await open.lost(cause)).error
  }

  const told = metadataOf(paid)
  const payment = await open.answered({
    receipt: told['x402.payment.receipts'],
    reason: told['x402.payment.error'],
    delivered: paid.status.state === 'completed',
  })
  if (payment.error !== undefined) throw payment.error
  return { task: paid, payment }
}

function metadataOf({ status }: Task): Metadata {
  return status.message?.metadata ?? {}
}

async function call(
  agent: Agent,
  method: string,
  params: object,
  signal: AbortSignal = AbortSignal.timeout(PATIENCE_MS),
): Promise<Task> {
  const response = await agent.fetch(agent.url, {
    method: 'POST',
    redirect: 'error', // a payment goes to the origin that asked, and nowhere else
    headers: { 'content-type': 'application/json', 'X-A2A-Extensions': EXTENSION },
    body: JSON.stringify({ jsonrpc: '2.0', id: crypto.randomUUID(), method, params }),
    signal,
  })
  const { result, error } = await response.json()
  if (result === undefined) throw new Error(error?.message ?? 'The agent replied with no task.')
  return result
}
