import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { Warning } from '../../../src/payment/stream.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { createPresentation, delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { endSharers, type Sharer, shareLedger } from '../../support/ledger/start-sharers.js'
import { writeCompacted } from '../../support/ledger/write-ledger.js'

const NOW = 1_700_000_000

afterAll(endSharers)

async function open(path: string, options?: createFileLedger.Options): Promise<FileLedger> {
  const ledger = await createFileLedger(path, options)
  onTestFinished(() => ledger.close())
  return ledger
}

/** Another process that has the ledger open. */
const share = (path: string) => shareLedger(path, NOW)

async function reserveBy(sharer: Sharer, purchase: string): Promise<string> {
  const draft = createDraft({ call: { ...named(purchase), isKeyed: true } })
  return ((await sharer.ask('reserve', [draft, []], NOW)) as Payment).id
}

async function reserve(ledger: FileLedger, purchase = 'weather'): Promise<string> {
  const reserved = await ledger.reserve(createDraft({ call: named(purchase) }), [])
  return isRefusal(reserved) ? '' : reserved.id
}

const stateOf = async (ledger: FileLedger, id: string) => (await readAll(ledger)).find((one) => one.id === id)

describe('createFileLedger, shared: what a process has in flight', () => {
  it('is ended when the process is killed, and its room and its purchase are free', async () => {
    const path = await createLedgerPath()
    const ledger = await open(path)
    const other = await share(path)
    const [reserved, waiting] = [await reserveBy(other, 'a'), await reserveBy(other, 'b')]
    await other.ask('note', [waiting, sent], NOW)
    await other.kill()
    expect(await ledger.claim(createClaimant({ ...named('b'), isKeyed: true }))).toMatchObject({ is: 'yours' })
    expect(await stateOf(ledger, reserved)).toMatchObject({ state: 'released' })
    const again = createDraft({ call: { ...named('a'), isKeyed: true } })
    expect(await ledger.reserve(again, [createCap(2)])).toHaveProperty('id')
  })

  it('stays when the process that serves it is killed, and is ended where its process was killed, too', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const [living, dying] = [await share(path), await share(path)]
    const kept = await reserveBy(living, 'kept')
    const gone = await reserveBy(dying, 'gone')
    const own = await reserveBy(server, 'own')
    await Promise.all([server.kill(), dying.kill()])
    const ledger = await open(path)
    expect(await stateOf(ledger, kept)).toMatchObject({ state: 'reserved' })
    expect(await stateOf(ledger, gone)).toMatchObject({ state: 'released' })
    expect(await stateOf(ledger, own)).toMatchObject({ state: 'released' })
    expect(await living.ask('note', [kept, sent], NOW)).toMatchObject({ id: kept, state: 'sent' })
  })

  it('is presented by its process alone, though another one takes the file over while it is claimed', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const id = await reserveBy(server, 'a')
    for (const event of [sent, lost]) await server.ask('note', [id, event], NOW)
    const living = await share(path)
    const claimant = createClaimant({ ...named('a'), isKeyed: true })
    expect(await living.ask('claim', [claimant], NOW)).toMatchObject({ is: 'yours' })
    await server.kill()
    const ledger = await open(path)
    expect(await ledger.claim(claimant)).toMatchObject({ is: 'claimed', payment: { id } })
    await living.kill()
    expect(await (await share(path)).ask('claim', [claimant], NOW)).toMatchObject({ is: 'yours', payment: { id } })
  })

  it('is ended when its handle is closed, whoever has the file', async () => {
    const path = await createLedgerPath()
    const first = await createFileLedger(path)
    const second = await createFileLedger(path)
    const third = await open(path)
    const ids = [await reserve(first, 'a'), await reserve(second, 'b')]
    await Promise.all([first.close(), second.close()])
    for (const id of ids) expect(await stateOf(third, id)).toMatchObject({ state: 'released' })
  })
})

describe('createFileLedger, shared: when the process that serves it leaves', () => {
  it('all that others ask meanwhile has one effect', async () => {
    const path = await createLedgerPath()
    const handles = await Promise.all(Array.from({ length: 6 }, () => createFileLedger(path)))
    const cap = createCap(30)
    const asked = handles.slice(3).map(async (ledger, handle) => {
      const ids: string[] = []
      for (let count = 0; count < 20; count++) {
        const reserved = await ledger.reserve(createDraft({ call: named(`${handle} ${count}`) }), [cap])
        if (isRefusal(reserved)) continue
        ids.push(reserved.id)
        await ledger.note(reserved.id, sent)
        await ledger.note(reserved.id, delivered)
      }
      return ids
    })
    for (const ledger of handles.slice(0, 3)) await ledger.close()
    const ids = (await Promise.all(asked)).flat()
    expect(new Set(ids).size).toBe(30)
    const [left] = handles.slice(3)
    expect((await left?.spent(cap))?.count).toBe(30)
    expect(left && (await readAll(left)).filter(({ state }) => state !== 'released')).toHaveLength(30)
    await Promise.all(handles.map((ledger) => ledger.close()))
    expect(await readdir(dirname(path))).toEqual(['payments.ledger'])
  })

  it('a value is put once, and who asked is told so', async () => {
    const path = await createLedgerPath()
    const first = await createFileLedger(path)
    const others = await Promise.all([open(path), open(path)])
    const puts = others.flatMap((ledger) =>
      Array.from({ length: 20 }, (_, n) => ledger.put('kind', `${n}`, 1, undefined)),
    )
    await first.close()
    expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(20)
  })
})

describe('createFileLedger, shared: a process that is frozen', () => {
  it('error: LEDGER_UNAVAILABLE for each step while it serves, and nothing counts afterwards that never left', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const ledger = await open(path)
    const id = await reserve(ledger, 'signed')
    process.kill(server.pid ?? 0, 'SIGSTOP')
    const steps = [
      ledger.reserve(createDraft(), []),
      ledger.note(id, sent),
      ledger.claim(createClaimant()),
      ledger.put('kind', 'key', 1, undefined),
      ledger.spent(createCap(1)),
    ]
    const told = await Promise.allSettled(steps)
    process.kill(server.pid ?? 0, 'SIGCONT')
    const reasons = told.map((one) => (one.status === 'rejected' ? [one.reason.code, one.reason.money] : one.value))
    for (const one of told) {
      const { message } = one.status === 'rejected' ? one.reason : { message: '' }
      expect(message).toContain(`until the process ${server.pid} goes on or ends`)
    }
    const untouched = ['LEDGER_UNAVAILABLE', 'untouched']
    const signed = ['LEDGER_UNAVAILABLE', 'signed']
    expect(reasons).toEqual([untouched, signed, untouched, untouched, untouched])
    await expect.poll(async () => (await ledger.spent(createCap(1))).count).toBe(0)
    expect(await stateOf(ledger, id)).toMatchObject({ state: 'released' })
    expect(await ledger.get('kind', 'key')).toBeUndefined()
  })

  it('error: LEDGER_UNAVAILABLE when it is opened, with the money untouched', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    process.kill(server.pid ?? 0, 'SIGSTOP')
    const refused = {
      code: 'LEDGER_UNAVAILABLE',
      money: 'untouched',
      message: expect.stringContaining(`process ${server.pid}`),
    }
    await expect(createFileLedger(path)).rejects.toMatchObject(refused)
  })
})

describe('createFileLedger, shared: the rest', () => {
  it('opens a file of an earlier version, and writes it anew before it names another process', async () => {
    const path = await createLedgerPath()
    await writeCompacted(path, 10)
    const ledger = await open(path)
    await reserve(ledger, 'alone')
    expect((await readFile(path, 'utf8')).split('\n', 1)[0]).toContain('"version":3')
    const other = await open(path)
    await reserve(other, 'with another')
    expect((await readFile(path, 'utf8')).split('\n', 1)[0]).toContain('"version":4')
    expect(await readAll(other)).toHaveLength(12)
  })

  it('lets others in to a file of an earlier version as soon as it can be written anew', async () => {
    const path = await createLedgerPath()
    await writeCompacted(path, 10)
    const ledger = await open(path)
    // In the way of the new file.
    await mkdir(`${path}.new`)
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    await rmdir(`${path}.new`)
    await reserve(await open(path))
    expect(await readAll(ledger)).toHaveLength(11)
  })

  it('lists thousands of payments, newest first, each once', async () => {
    const path = await createLedgerPath()
    await writeCompacted(path, 3000)
    const ledger = await open(path)
    const other = await open(path)
    const ids = (await readAll(other)).map(({ id }) => id)
    expect(ids).toEqual((await readAll(ledger)).map(({ id }) => id))
    expect(ids).toHaveLength(3000)
  })

  it('tells all who have it open that the clock was ahead', async () => {
    const path = await createLedgerPath()
    const clock = createManualClock()
    const warnings: [string, Warning['code']][] = []
    const toListener =
      (who: string) =>
      ({ code }: Warning) =>
        void warnings.push([who, code])
    await open(path, { clock, onWarning: toListener('first') })
    const other = await open(path, { onWarning: toListener('other') })
    clock.advance(86_400)
    await reserve(other, 'a')
    clock.advance(-86_400)
    await reserve(other, 'b')
    expect(warnings.sort()).toEqual([
      ['first', 'CLOCK_WAS_AHEAD'],
      ['other', 'CLOCK_WAS_AHEAD'],
    ])
  })

  it('is rewritten for whoever asks', async () => {
    const path = await createLedgerPath()
    await open(path)
    const other = await open(path)
    const id = await reserve(other)
    for (const event of [sent, delivered]) await other.note(id, event)
    const held = await reserve(other, 'in flight')
    const lines = async () => (await readFile(path, 'utf8')).trim().split('\n').length
    const before = await lines()
    await other.compact()
    expect(await lines()).toBeLessThan(before)
    expect(await other.note(held, { ...sent, presentation: createPresentation() })).toMatchObject({ state: 'sent' })
  })

  it('error: what a step is refused for is the same for all', async () => {
    const path = await createLedgerPath()
    await open(path)
    const other = await open(path)
    const id = await reserve(other)
    await expect(other.note(id, delivered)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT', money: 'untouched' })
    await expect(other.note('none', sent)).rejects.toMatchObject({ code: 'LEDGER_UNKNOWN_RECORD', money: 'in-doubt' })
    const presentation = { ...createPresentation(), entry: { amount: 1n } }
    const unwritable = other.note(id, { type: 'sent', presentation })
    await expect(unwritable).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'signed' })
    await other.close()
    await expect(other.reserve(createDraft(), [])).rejects.toThrow('open another one')
  })

  it('error: LEDGER_UNAVAILABLE for a step that can not be read, and what else is in flight stays', async () => {
    const path = await createLedgerPath()
    await open(path)
    const other = await open(path)
    const id = await reserve(other)
    const odd = createDraft({ by: { nowSeconds: Number.NaN } })
    const refusal = { code: 'LEDGER_UNAVAILABLE', money: 'untouched' }
    await expect(other.reserve(odd, [])).rejects.toMatchObject(refusal)
    expect(await other.note(id, sent)).toMatchObject({ state: 'sent' })
  })

  it('leaves nothing in its folder but the file, once all have closed it', async () => {
    const path = await createLedgerPath()
    const handles = await Promise.all([createFileLedger(path), createFileLedger(path), createFileLedger(path)])
    await Promise.all(handles.map((ledger) => ledger.close()))
    expect(await readdir(dirname(path))).toEqual(['payments.ledger'])
  })
})
