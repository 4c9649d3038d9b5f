import { isX402Error } from 'pay402'
import { paymentOf } from 'pay402/fetch'
import { isHash } from 'viem'
import type { Shop } from './open-shop.js'
import { toDollars } from './show.js'
import type { Story } from './start-story.js'
import type { Balances, Purchase } from './watch-purchases.js'

/** Expects that a purchase was paid for: once, at its price, and on the chain. */
export async function expectPaid(story: Story, { chain }: Shop, purchase: Purchase, price: bigint): Promise<void> {
  const { offer, signed, answer } = purchase
  const payment = answer && paymentOf(answer)
  story.expect('the seller answered 200', answer?.status === 200)
  story.expect('the amount signed is the amount offered', offer?.amount === price && signed?.amount === price)
  story.expect('pay402 says that the money is settled', payment?.money === 'settled')
  const used = signed && (await chain.authorizationState(signed.payer, signed.nonce))
  story.expect('the chain has used this very authorization', used === true)
  const hash = payment?.transaction
  const mined = hash && isHash(hash) ? await chain.publicClient.getTransactionReceipt({ hash }) : undefined
  story.expect('the transaction is on the chain and succeeded', mined?.status === 'success')
  expectMoved(story, purchase, price)
}

/** Expects that a payment left, that nothing was heard of it, and that it counts all the same. */
export function expectLost(story: Story, purchase: Purchase): void {
  const { error, sent } = purchase
  story.expect('no response came', isX402Error(error) && error.code === 'ANSWER_LOST')
  story.expect('its money is in doubt', isX402Error(error) && error.money === 'in-doubt')
  story.expect('each send carried the same payment', sent.length > 1 && new Set(sent).size === 1)
}

/** Expects that a purchase was answered by presenting what was signed for a lost one, and that both cost one payment. */
export async function expectResumed(
  story: Story,
  { chain }: Shop,
  purchase: Purchase,
  { lost, price }: { lost: Purchase; price: bigint },
): Promise<void> {
  const { answer, signed, sent } = purchase
  story.expect('the seller answered 200', answer?.status === 200)
  story.expect('nothing new was signed', signed === undefined)
  story.expect('the same payment was sent again', sent.length > 0 && new Set([...lost.sent, ...sent]).size === 1)
  const used = lost.signed && (await chain.authorizationState(lost.signed.payer, lost.signed.nonce))
  story.expect('the chain has used the authorization of the lost call', used === true)
  story.expect(`both calls together cost exactly ${toDollars(price)}`, hasMoved(lost.before, purchase.after, price))
}

/** Expects that a purchase was refused before anything was signed. */
export function expectRefused(story: Story, purchase: Purchase): void {
  const { error, signed } = purchase
  story.expect('it is a LimitError', isX402Error(error) && error.name === 'LimitError')
  story.expect('its money is untouched', isX402Error(error) && error.money === 'untouched')
  story.expect('nothing was signed', signed === undefined)
  expectMoved(story, purchase, 0n)
}

/** Expects that an answer came without any payment. */
export function expectFree(story: Story, purchase: Purchase): void {
  const { answer, offer, signed } = purchase
  story.expect('the seller answered 200', answer?.status === 200)
  story.expect('no payment was made', !offer && !signed && answer !== undefined && paymentOf(answer) === undefined)
  expectMoved(story, purchase, 0n)
}

function expectMoved(story: Story, { before, after }: Purchase, price: bigint): void {
  const sentence = price === 0n ? 'no balance moved' : `both balances moved by exactly ${toDollars(price)}`
  story.expect(sentence, hasMoved(before, after, price))
}

function hasMoved(before: Balances, after: Balances, price: bigint): boolean {
  return before.buyer - after.buyer === price && after.seller - before.seller === price
}
