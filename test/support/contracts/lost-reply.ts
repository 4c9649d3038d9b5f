import type { Ledger } from '../../../src/payment/ledger.js'

const STEPS: ReadonlySet<PropertyKey> = new Set(['reserve', 'note', 'claim', 'put'])

/** A handle whose next step is carried out, and its reply lost. */
export function loseNextReply<L extends Ledger>(ledger: L): L {
  let isLost = false
  return new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (!STEPS.has(name)) return member.bind(target)
      return async (...given: unknown[]) => {
        const reply: unknown = await Reflect.apply(member, target, given)
        if (isLost) return reply
        isLost = true
        throw new TypeError('the connection broke before the reply')
      }
    },
  })
}
