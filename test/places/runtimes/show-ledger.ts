import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/** What four processes in a row tell of one ledger in a file, and what the seller saw of the third and the last. */
export type LedgerShown = {
  readonly first: unknown
  readonly reopened: unknown
  /** Of a process that came while another had it open. */
  readonly meanwhile: unknown
  /** Of the one after the crash. */
  readonly resumed: unknown
  /** Different payments for the purchase whose process was killed. */
  readonly authorizations: number
}

/** What every runtime must tell. */
export const ledgerExpected: LedgerShown = {
  first: { status: 200, body: 'sunny', money: 'settled', left: '$4.99', found: 0 },
  reopened: { status: 200, body: 'sunny', money: 'settled', left: '$4.98', found: 0 },
  meanwhile: { status: 200, body: 'sunny', money: 'settled', left: '$4.96', found: 0 },
  resumed: { status: 200, body: 'sunny', money: 'settled', left: '$4.96', found: 1 },
  authorizations: 1,
}

/**
 * Buys on a ledger in a file, process after process: opens it; opens it again; is killed while the paid answer is waited for, with
 * another process buying meanwhile; and makes the same purchase once more.
 *
 * @param program - The runtime's.
 * @param before - What stands before the script's name, given the ledger's folder.
 * @param folder - Where the scenario is.
 */
export async function showLedger(
  program: string,
  before: (folder: string) => readonly string[],
  folder: string,
): Promise<LedgerShown> {
  const ledgerFolder = await mkdtemp(join(tmpdir(), 'pay402-ledger-'))
  const shop = await openSilentShop()
  const script = join(folder, 'with-a-file.js')
  const children: ChildProcess[] = []
  const start = (path: string) => {
    const args = [...before(ledgerFolder), script, join(ledgerFolder, 'payments.ledger'), `${shop.seller.url}${path}`]
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    return child
  }
  try {
    const first = await json(start('/first').stdout)
    const reopened = await json(start('/second').stdout)
    shop.silence()
    const crashing = start('/third')
    await Promise.race([shop.paid, once(crashing, 'exit').then(refuseToEnd)])
    const meanwhile = await json(start('/fourth').stdout)
    await kill(crashing)
    shop.speak()
    const resumed = await json(start('/third').stdout)
    const payments = shop.seller.requests.flatMap(({ path, payment }) =>
      path === '/third' && payment ? [payment] : [],
    )
    const authorizations = new Set(payments.map(({ payload }) => JSON.stringify(payload))).size
    return { first, reopened, meanwhile, resumed, authorizations }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await shop.seller.stop()
    await rm(ledgerFolder, { recursive: true })
  }
}

function refuseToEnd(): never {
  throw new Error('the process ended before it paid')
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

type SilentShop = {
  readonly seller: Seller
  /** Waits for a payment that isn't answered. */
  readonly paid: Promise<void>
  silence(): void
  speak(): void
}

async function openSilentShop(): Promise<SilentShop> {
  let isSilent = false
  const payment = createGate()
  const seller = await startSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    if (isSilent && request.path === '/third') return payment.open()
    deliver(response, request, 'sunny')
  })
  return {
    seller,
    paid: payment.passed,
    silence() {
      isSilent = true
    },
    speak() {
      isSilent = false
    },
  }
}
