import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Passes `GET /relay/…` on to one seller, so that a page can read terms which that seller's CORS hides. It reaches no other host, follows no
 * redirect, and passes on no header of the page but the payment.
 *
 * @param seller - The origin of the only seller.
 */
export async function relay(seller: string, { method, url = '', headers }: IncomingMessage, response: ServerResponse) {
  // A slash ends the seller's own host, so no path makes another host of it.
  if (method !== 'GET' || !url.startsWith('/relay/')) return void response.writeHead(403).end()
  const payment = [headers['payment-signature'] ?? []].flat().map((value) => ['payment-signature', value])
  const answer = await fetch(`${seller}${url.slice('/relay'.length)}`, {
    redirect: 'manual',
    headers: Object.fromEntries(payment),
  })
  const names = ['content-type', 'payment-required', 'payment-response']
  response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => names.includes(name))))
  response.end(await answer.text())
}
