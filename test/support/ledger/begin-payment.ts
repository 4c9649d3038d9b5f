import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { createBuyer } from '../create-buyer.js'
import { createRequired } from '../offers.js'

/**
 * Begins a payment, or opens one again by its id, and tells its id and what was signed for it, where `answered` is given also what it's told of
 * the response. Then it waits to be killed.
 */
const [path = '', asked = '', purchase, answered] = process.argv.slice(2)
const ledger = await createFileLedger(path)
const { client, signatures } = createBuyer({ ledger })
const isAddress = asked.includes('://')
const required = createRequired() as PaymentRequired // a good one
const open = isAddress
  ? await client.begin(required, { url: asked, purchase: purchase || undefined })
  : await client.begin(asked)
const told = answered === undefined ? undefined : await open.answered(JSON.parse(answered))
const { id, payload } = open
process.stdout.write(
  `${JSON.stringify({ id, signed: payload.payload, signatures: signatures(), money: told?.money, delivery: told?.delivery })}\n`,
)
// A process with nothing to wait for would end by itself, and not by a crash.
process.stdin.resume()
