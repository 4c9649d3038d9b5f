import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import { x402Client } from '../../../../../src/index.js'
import { encodePaymentSignatureHeader, toStandardPayload } from '../../../../../src/wire/payload.js'
import { createSpy } from '../permit2/create-spy.js'
import { createPermit2Terms } from '../permit2/permit2-terms.js'
import { startRpc } from '../start-rpc.js'
import { createAllowanceNode } from './create-allowance-node.js'

/** What nginx takes for one header. */
const MAX_HEADER = 8 * 1024

/** Longest entry that is paid, in bytes of JSON. */
const MAX_ENTRY = 4096

/** Challenges of each scheme. */
const RUNS = Number(process.env['FC_RUNS'] ?? 80)

const url = 'https://api.example.com/paid'

/** Text of a length, some of it outside of ASCII, where a character is up to four bytes. */
const texts = (most: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: most }).map((length) => 'x'.repeat(length)),
    fc.integer({ min: 0, max: Math.floor(most / 3) }).map((length) => '₮'.repeat(length)),
    fc.integer({ min: 0, max: Math.floor(most / 4) }).map((length) => '🪙'.repeat(length)),
  )

/** As much text as an entry of a length takes. */
function fillEntry(entry: Record<string, unknown>, bytes: number): Record<string, unknown> {
  const bare = new TextEncoder().encode(JSON.stringify({ ...entry, note: '' })).length
  return { ...entry, note: 'n'.repeat(Math.max(0, bytes - bare)) }
}

const sponsoring = fc.record({
  info: fc.record({ description: texts(500), version: fc.constant('1') }),
  schema: fc.record({ text: texts(4000) }),
  aside: texts(4000),
})

const challenges = fc.record({
  entryBytes: fc.oneof(fc.integer({ min: MAX_ENTRY - 40, max: MAX_ENTRY }), fc.integer({ min: 500, max: MAX_ENTRY })),
  path: texts(6000),
  description: texts(9000),
  by: fc.constantFrom('eip2612GasSponsoring', 'erc20ApprovalGasSponsoring'),
  declared: sponsoring,
  identifier: fc.option(fc.record({ info: fc.record({ text: texts(7000) }) }), { nil: undefined }),
  others: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.record({ info: texts(3000) }), { maxKeys: 4 }),
})

describe.each([
  ['exact', ExactEvmScheme],
  ['upto', UptoEvmScheme],
] as const)('the payment header of a sponsored payment by %s', { timeout: 500 * RUNS }, (name, Scheme) => {
  test('is never longer than 8 KiB, whatever the sizes, and holds the entry and the allowance whole', async () => {
    let paid = 0
    let signed = 0
    const node = await startRpc(createAllowanceNode())
    const property = fc.asyncProperty(challenges, async (drawn) => {
      const { entryBytes, path, description, by, declared, identifier, others } = drawn
      const terms = createPermit2Terms(`${name}-permit2`)
      const entry = fillEntry({ ...terms }, entryBytes)
      const scheme = new Scheme(createSpy().signer, { rpc: { [terms.network]: node.url } })
      const client = new x402Client({ limits: { perPayment: '$1000' } }).register('eip155:*', scheme as never)
      const extensions = { ...others, [by]: declared, ...(identifier && { 'payment-identifier': identifier }) }
      const resource = { url: `https://api.example.com/${encodeURI(path)}`, description }
      const required = { x402Version: 2, error: 'pay', resource, accepts: [entry], extensions }
      const payment = await client.createPaymentPayload(required as never, { url }).catch(() => undefined)
      if (payment === undefined) return
      paid++
      const header = encodePaymentSignatureHeader(toStandardPayload(payment))
      expect(header.length).toBeLessThanOrEqual(MAX_HEADER)
      expect(payment.accepted).toEqual(entry)
      const shown = Reflect.get(new Object(payment.extensions?.[by]), 'info')
      const [listed] = await client.payments()
      if (listed?.allowances.length === 0) return
      signed++
      expect(shown).toMatchObject({ ...declared.info, amount: listed?.allowances[0]?.amount })
    })
    await fc.assert(property, { numRuns: RUNS })
    // What is never signed would be short, too.
    expect([paid, signed].map((count) => count > RUNS / 8)).toEqual([true, true])
  })
})
