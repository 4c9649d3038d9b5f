// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { type InputRequiredResult, inputRequired, inputResponse } from '@modelcontextprotocol/server'
import type { ApprovalRequest, Approve, RestrictedClient } from '../../index.js'
import type { Approval } from '../../limits/index.js'

/** One call of a tool, as far as a question needs it. */
export type AskingCall = {
  /** Whether the host can show a question to a person. */
  readonly canAsk: boolean
  /** What the host answered to questions of an earlier round of the same call. */
  readonly responses: Record<string, unknown> | undefined
  /** Set where a person is needed, and the host can't ask one. */
  isLater?: boolean
  /** Set where a person must be asked first. */
  question?: Question
}

/** Asks a person in the MCP host about payments that need a yes; where the host can't ask, they wait for a desk on the same ledger. */
export type Approvals = {
  /** For `limits.approve` of the client that pays. */
  readonly approve: Approve
  /**
   * Runs a call of a tool. If a payment in it needs a yes, nothing is signed, and the result is the question, for the host to ask and to call again
   * with the answer. A yes holds once, and for exactly the terms that were shown.
   *
   * @param call - Whether and what the host can be asked. Written to.
   * @param work - Carries out the call.
   */
  during<Result>(call: AskingCall, work: () => Promise<Result>): Promise<Result | InputRequiredResult>
}

type Question = { readonly id: string; readonly message: string; readonly title: string }

/** Questions that wait for an answer; older ones are asked again if they still matter. */
const MAX_PENDING = 100

/**
 * Creates the questions of one server.
 *
 * @param openAgent - The client that pays, for what is left of its limits. Called when there is something to ask.
 */
export function createApprovals(openAgent: () => RestrictedClient): Approvals {
  const calls = new AsyncLocalStorage<AskingCall>()
  // Only what this process asked can be answered, once: an answer is matched by an id that was drawn here, and by the terms that were shown.
  const pending = new Map<string, string>()

  function takeAnswer(terms: string, responses: Record<string, unknown> = {}): Approval | undefined {
    const id = Object.keys(responses).find((key) => pending.get(key) === terms)
    if (id === undefined) return undefined
    pending.delete(id)
    const answer = inputResponse(responses, id)
    const isYes = answer.kind === 'elicit' && answer.action === 'accept' && answer.content?.['pay'] === true
    return { approved: isYes, reason: isYes ? undefined : 'the person who was asked said no' }
  }

  return {
    async approve(request) {
      const call = calls.getStore()
      // Names the terms with the whole request: a person is shown neither its query nor its body.
      const terms = request.proposal
      const answered = takeAnswer(terms, call?.responses)
      if (answered !== undefined) return answered
      if (call === undefined) return 'later'
      if (!call.canAsk) {
        call.isLater = true
        return 'later'
      }
      const id = randomUUID()
      pending.set(id, terms)
      const [oldest] = pending.keys()
      if (pending.size > MAX_PENDING && oldest !== undefined) pending.delete(oldest)
      call.question = { id, ...(await writeQuestion(request, openAgent())) }
      return { approved: false, reason: 'a person is asked first' }
    },
    async during(call, work) {
      const result = await calls.run(call, work)
      return call.question === undefined ? result : ask(call.question)
    },
  }
}

/** An answer must be given on purpose: hosts that accept forms as they come leave the box empty, which is a no. */
function ask({ id, message, title }: Question): InputRequiredResult {
  return inputRequired({
    inputRequests: {
      [id]: inputRequired.elicit({
        message,
        requestedSchema: { type: 'object', properties: { pay: { type: 'boolean', title } }, required: ['pay'] },
      }),
    },
  })
}

async function writeQuestion(request: ApprovalRequest, agent: RestrictedClient) {
  const { dollars, price, amount, asset, network, payTo, resource, host, exposure, perhapsPaid, resumed, sellerSays } =
    request
  const sum = dollars ?? price ?? `${amount} units of ${asset}`
  const left = (await agent.spending(host === undefined ? {} : { host })).map(
    (one) => `${one.left} of ${one.allowed} (${one.limit.replace(/^restrict\./, '')})`,
  )
  const lines = [
    `Pay ${sum} to ${host ?? 'an unknown host'}?`,
    `For: ${cut(resource)}`,
    `To: ${payTo} on ${network}${price === undefined ? '' : `, as ${price}`}`,
    exposure === amount ? [] : [`The seller could take up to ${exposure} atomic units.`],
    resumed ? ['This payment left before and is sent again; it costs nothing more.'] : [],
    perhapsPaid === undefined
      ? []
      : ['An earlier payment for the same thing may have been taken. A yes may pay twice.'],
    left.length === 0 ? [] : [`Left now: ${left.join('; ')}`],
    sellerSays === undefined ? [] : [`The seller writes: "${sellerSays.replace(QUOTES, "'")}"`],
  ]
  return { message: lines.flat().join('\n'), title: `Pay ${sum}` }
}

/** Longest address that is shown, in characters: a model chooses it, and what follows must stay in sight. */
const MAX_SHOWN = 200

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** Characters that could end the quotation, or look as if they did. */
const QUOTES = /["\u201C-\u201F\u2033\u2036\u301D-\u301F\uFF02`]/g
