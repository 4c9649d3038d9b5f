import { rm } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'
import { createSwitch } from '../../support/ledger/switch-ledger.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { inTurn, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** More than open the circuit of a seller. */
const PURCHASES = 6

/** Buys on a ledger that fails in the end, and once more when it works: a circuit that opened would refuse that. */
async function buyOn(failing: Ledger, breakDown?: () => Promise<unknown>) {
  const seller = await openSeller(inTurn(pays))
  const { ledger, turnTo } = createSwitch(failing)
  const { client, paidFetch } = createBriskBuyer({ ledger, circuit: { failures: 1 } })
  if (breakDown !== undefined) client.onAfterPaymentCreation(async () => void (await breakDown()))
  const told: string[] = []
  for (let name = 0; name < PURCHASES; name++) {
    const said = await paidFetch(`${seller.url}/${name}`).then(
      ({ status }) => String(status),
      ({ code, money }) => `${code} ${money}`,
    )
    told.push(said)
  }
  turnTo(createMemoryLedger())
  return { told, after: (await paidFetch(`${seller.url}/after`)).status }
}

const refused = (money: string) => `LEDGER_UNAVAILABLE ${money}`
const always = (said: string) => Array.from({ length: PURCHASES }, () => said)

type Step = 'claim' | 'reserve' | 'sent' | 'delivered' | 'released'

/** A ledger of which one step rejects: before it is done, or once it is. */
function failingAt(step: Step, isDone: boolean): Ledger {
  const works = createMemoryLedger()
  const fail = async (done: () => Promise<unknown>): Promise<never> => {
    if (isDone) await done()
    throw new Error('the connection is gone')
  }
  return {
    ...works,
    claim: (claimant) => (step === 'claim' ? fail(() => works.claim(claimant)) : works.claim(claimant)),
    reserve: (...given) => (step === 'reserve' ? fail(() => works.reserve(...given)) : works.reserve(...given)),
    note: (id, event) => (step === event.type ? fail(() => works.note(id, event)) : works.note(id, event)),
  }
}

describe('R1: a circuit never opens by the fault of a ledger', () => {
  it.each<[Step, 'before it is done' | 'once it is done', string]>([
    ['claim', 'before it is done', refused('untouched')],
    ['claim', 'once it is done', refused('untouched')],
    ['reserve', 'before it is done', refused('untouched')],
    ['reserve', 'once it is done', refused('untouched')],
    ['sent', 'before it is done', refused('signed')],
    ['sent', 'once it is done', refused('signed')],
    ['delivered', 'before it is done', '200'],
    ['delivered', 'once it is done', '200'],
  ])('in memory, whose step %s rejects %s', async (step, when, said) => {
    expect(await buyOn(failingAt(step, when === 'once it is done'))).toEqual({ told: always(said), after: 200 })
  })

  it('in a file that is closed', async () => {
    const ledger = await openFile()
    await ledger.close()
    expect(await buyOn(ledger)).toEqual({ told: always(refused('untouched')), after: 200 })
  })

  it('in a file that is closed between the signature and the sending', async () => {
    const ledger = await openFile()
    const { told, after } = await buyOn(ledger, () => ledger.close())
    expect(told).toEqual([refused('signed'), ...always(refused('untouched')).slice(1)])
    expect(after).toBe(200)
  })

  it('in a file that is removed', async () => {
    const ledger = await openFile()
    await rm(ledger.path)
    expect(await buyOn(ledger)).toEqual({ told: always(refused('untouched')), after: 200 })
  })

  it('in a file that is removed between the signature and the sending', async () => {
    const ledger = await openFile()
    const { told, after } = await buyOn(ledger, () => rm(ledger.path, { force: true }))
    expect(told).toEqual([refused('signed'), ...always(refused('untouched')).slice(1)])
    expect(after).toBe(200)
  })

  it('in a file whose disk is full', async () => {
    const seller = await openSeller(inTurn(pays))
    const child = await startChild('buy-on-a-full-disk', [await createLedgerPath(), seller.url], 'ulimit -f 24')
    const lines: string[] = []
    for await (const line of child.lines) lines.push(line)
    const told: unknown = JSON.parse(lines.at(-1) ?? '[]')
    expect(told).toEqual([
      expect.stringMatching(/^LEDGER_UNAVAILABLE (untouched|signed)$/),
      ...Array.from({ length: 9 }, () => refused('untouched')),
      '200',
    ])
  })
})

async function openFile(): Promise<FileLedger> {
  const ledger = await createFileLedger(await createLedgerPath())
  onTestFinished(() => ledger.close().catch(() => undefined)) // its file may be gone
  return ledger
}

describe('R2: what the ledger failed to write down and was never sent', () => {
  it('counts nothing, where it was written down though the step rejected', async () => {
    const seller = await openSeller(inTurn(pays))
    const { client, paidFetch, records, signatures } = createBriskBuyer({ ledger: failingAt('sent', true) })
    await expect(paidFetch(seller.url)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'signed' })
    expect(await records()).toMatchObject([{ state: 'released', presentation: undefined }])
    expect(await client.spending()).toMatchObject([{ held: '$0.00', spent: '$0.00' }])
    expect([seller.requests.filter(({ payment }) => payment !== undefined), signatures()]).toEqual([[], 1])
  })

  it('counts nothing, where it was put in the hands of the caller', async () => {
    const { client, records } = createBriskBuyer({ ledger: failingAt('sent', true) })
    const seller = await openSeller(inTurn(pays))
    const response = await fetch(seller.url)
    const required = JSON.parse(atob(response.headers.get('payment-required') ?? ''))
    await expect(client.begin(required, { url: seller.url })).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    expect(await records()).toMatchObject([{ state: 'released' }])
  })
})
