import { askToPay, createRequired, deliver } from '../offers.js'
import type { Handler, SellerRequest } from '../start-seller.js'

/** Answers one paid request. */
export type PaidAnswer = Handler

/** Asks to be paid; then gives the answers in turn, and the last one for ever. */
export function inTurn(...answers: readonly PaidAnswer[]): Handler {
  let turn = 0
  return (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    const answer = answers[Math.min(turn++, answers.length - 1)]
    return answer?.(request, response)
  }
}

/** Delivers, with a good receipt. */
export const pays: PaidAnswer = (request, response) => deliver(response, request)

/** Closes the connection without a word. */
export const drops: PaidAnswer = (_request, response) => void response.destroy()

/** Answers some status. */
export function says(status: number, headers: Readonly<Record<string, string>> = {}): PaidAnswer {
  return (_request, response) => void response.writeHead(status, headers).end('not now')
}

/** Answers 402 once more, with a reason. */
export function refuses(error: string): PaidAnswer {
  return (_request, response) => askToPay(response, createRequired(undefined, { error }))
}

/** The payment headers that reached a seller, byte for byte. */
export function paymentHeaders({ requests }: { readonly requests: readonly SellerRequest[] }): string[] {
  return requests.flatMap(({ headers }) => [headers['payment-signature'] ?? []].flat())
}
