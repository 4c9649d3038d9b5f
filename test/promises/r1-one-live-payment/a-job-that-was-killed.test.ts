import { describe, expect, it } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'
import { drops, inTurn, type PaidAnswer, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Gives a job to a process, which is killed once it has told what came of it: before it could acknowledge the job. */
async function workAndDie(path: string, url: string, job: string): Promise<unknown> {
  const child = await startChild('work-off-a-job', [path, url, job])
  try {
    for await (const line of child.lines) return JSON.parse(line)
    throw new Error('it told nothing')
  } finally {
    await child.kill()
  }
}

async function openJobs(...answers: readonly PaidAnswer[]) {
  const seller = await openSeller(inTurn(...answers))
  const path = await createLedgerPath()
  const list = async () => {
    const ledger = await createFileLedger(path)
    const payments = await readAll(ledger)
    await ledger.close()
    return payments
  }
  return { seller, work: (job: string) => workAndDie(path, seller.url, job), list }
}

describe('R1, a job that a queue hands out again', () => {
  it("doesn't buy again: the process that had it was killed with the response, before it could acknowledge", async () => {
    const { seller, work, list } = await openJobs(pays)
    expect(await work('7')).toEqual({ status: 200, body: '{"ok":true}' })
    const [payment] = await list()
    for (let again = 0; again < 2; again++) {
      expect(await work('7')).toEqual({ code: 'ALREADY_BOUGHT', money: 'untouched', payment: payment?.id })
    }
    expect(seller.authorizations().size).toBe(1)
    expect(await work('8')).toMatchObject({ status: 200 })
    expect(seller.authorizations().size).toBe(2)
  })

  it('is given what it bought by the same payment, where the response was lost', async () => {
    const { seller, work, list } = await openJobs(drops, pays)
    expect(await work('7')).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(await work('7')).toEqual({ status: 200, body: '{"ok":true}' })
    expect(await work('7')).toMatchObject({ code: 'ALREADY_BOUGHT' })
    expect(seller.authorizations().size).toBe(1)
    expect(await list()).toMatchObject([{ delivery: 'delivered' }])
  })
})
