import {
  appendFile,
  chmod,
  chown,
  copyFile,
  open,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { createJournal, type Journal } from '../../../src/ledger/file/journal.js'
import { createLog, type Log } from '../../../src/ledger/file/log.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createPresentation, delivered, lost, released, sent, settled } from '../../../src/testing/ledger/events.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { startChild } from '../../support/ledger/start-child.js'
import { createGate } from '../../support/money/create-gate.js'

const REFUSED = 'refused LEDGER_UNAVAILABLE'

describe('createFileLedger: when its disk fails', () => {
  it.each([
    ['is full', 'Infinity', 'ulimit -f 100', 'EFBIG'],
    ['is gone', '20', 'true', 'EBADF'],
  ])('refuses a step once it %s, holds what it confirmed, and goes on', async (_what, breakAfter, shell, code) => {
    const path = await createLedgerPath()
    const child = await startChild('pay-until-it-fails', [path, breakAfter], shell)
    const told: string[] = []
    for await (const line of child.lines) told.push(line)
    const left = told.flatMap((line) => (line.startsWith('sent ') ? [line.slice(5)] : []))
    expect(left.length).toBeGreaterThan(10)
    const [first, ...rest] = told.slice(left.length)
    expect(first).toMatch(new RegExp(`^${REFUSED} (untouched|signed) ${code}$`))
    expect(rest).toEqual([])
    const ledger = await createFileLedger(path)
    onTestFinished(() => ledger.close())
    const found = (await readAll(ledger, { states: ['sent'] })).map(({ id }) => id)
    expect(left.filter((id) => !found.includes(id))).toEqual([])
  })

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['deletes', (path) => rm(path)],
    ['moves', (path) => rename(path, `${path}.old`)],
    ['empties', (path) => truncate(path, 0)],
    ['cuts', async (path) => truncate(path, (await stat(path)).size - 1)],
  ])(
    'error: LEDGER_UNAVAILABLE when somebody %s its file underneath, before anything is signed',
    async (_what, edit) => {
      const ledger = await createFileLedger(await createLedgerPath())
      await ledger.reserve(createDraft(), [])
      await edit(ledger.path)
      const refusal = { code: 'LEDGER_UNAVAILABLE', money: 'untouched' }
      await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject(refusal)
      await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject(refusal)
      await ledger.close()
    },
  )

  it('error: LEDGER_CORRUPT for all that follows when somebody writes its file underneath', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    await appendFile(ledger.path, '\n')
    await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    const refusal = { code: 'LEDGER_CORRUPT', money: 'untouched' }
    await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject(refusal)
    await expect(ledger.spent(createCap(1))).rejects.toMatchObject(refusal)
    await ledger.close()
  })

  it('reads its file again when somebody replaces it by a copy', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const id = await reserve(ledger)
    await ledger.note(id, sent)
    await replace(ledger.path)
    await expect(reserve(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'sent', delivery: 'lost' }])
    await reserve(ledger)
  })

  it('error: LEDGER_UNAVAILABLE for all that follows when somebody puts an older copy back, also a longer one', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    for (let count = 0; count < 3; count++) await buy(ledger)
    await copyFile(ledger.path, `${ledger.path}.copy`)
    await ledger.compact()
    await reserve(ledger)
    const [now, before] = await Promise.all([stat(ledger.path), stat(`${ledger.path}.copy`)])
    expect(now.size).toBeLessThan(before.size)
    await rename(`${ledger.path}.copy`, ledger.path)
    const refusal = { code: 'LEDGER_UNAVAILABLE', money: 'untouched' }
    for (let step = 0; step < 3; step++) await expect(reserve(ledger)).rejects.toMatchObject(refusal)
    await expect(readAll(ledger)).rejects.toMatchObject(refusal)
    await ledger.close()
  })

  it('makes no file in the place of one that was removed, until somebody opens it anew', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    const other = await createFileLedger(ledger.path)
    await rm(ledger.path)
    for (const handle of [ledger, other, ledger, other]) {
      await expect(reserve(handle)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    }
    const opened = await createFileLedger(ledger.path)
    for (const handle of [ledger, other, opened]) await reserve(handle)
    expect(await readAll(opened)).toHaveLength(3)
    for (const handle of [ledger, other, opened]) await handle.close()
  })

  it('lets another handle go on when the one that serves it fails, with what that one has in flight', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    const other = await createFileLedger(ledger.path)
    onTestFinished(async () => void (await Promise.all([ledger.close(), other.close()])))
    const [here, there, unsent] = [await reserve(ledger), await reserve(other), await reserve(ledger)]
    await ledger.note(here, sent)
    await replace(ledger.path)
    // What it asks for is done by who reads the file next.
    await other.note(there, sent)
    await other.note(there, delivered)
    await other.note(there, settled)
    expect(await readAll(other)).toMatchObject([
      { id: unsent, state: 'released' },
      { id: there, state: 'settled', delivery: 'delivered' },
      { id: here, state: 'sent', delivery: 'lost' },
    ])
    await ledger.note(here, delivered)
    await expect(ledger.note(unsent, sent)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
    await reserve(ledger)
  })

  it('error: LEDGER_UNAVAILABLE for what can not be written, with the money where it is', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    const [unsigned, signed] = [await reserve(ledger), await reserve(ledger)]
    await ledger.note(signed, sent)
    await rm(ledger.path)
    const refused = (money: string) => ({ code: 'LEDGER_UNAVAILABLE', money })
    await expect(ledger.note(unsigned, sent)).rejects.toMatchObject(refused('signed'))
    await expect(ledger.note(signed, settled)).rejects.toMatchObject(refused('in-doubt'))
    await expect(ledger.note('none', settled)).rejects.toMatchObject(refused('in-doubt'))
    await expect(ledger.put('kind', 'key', 1, undefined)).rejects.toMatchObject(refused('untouched'))
    await expect(ledger.get('kind', 'key')).rejects.toMatchObject(refused('untouched'))
    await ledger.close()
  })

  it('error: LEDGER_UNAVAILABLE for a payment that is no JSON, and it stays as it was', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const id = await reserve(ledger)
    const presentation = { ...createPresentation(), entry: { amount: 1n } }
    const noted = ledger.note(id, { type: 'sent', presentation })
    await expect(noted).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'signed' })
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'reserved' }])
    await ledger.note(id, released)
  })

  it('error: LEDGER_UNAVAILABLE for a value that is no JSON, and the register stays as it was', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const value = JSON.parse('{}')
    value.itself = value
    await expect(ledger.put('kind', 'key', value, undefined)).rejects.toMatchObject({ money: 'untouched' })
    expect(await ledger.put('kind', 'key', 'a value', undefined)).toBe(true)
  })

  it('error: LEDGER_UNAVAILABLE for a payment that could not be put into a line, and for no other', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    const draft = createDraft()
    Object.assign(draft.call, { purchase: 1n })
    const refusal = { code: 'LEDGER_UNAVAILABLE', money: 'untouched' }
    await expect(ledger.reserve(draft, [])).rejects.toMatchObject(refusal)
    await reserve(ledger)
    expect(await readAll(ledger)).toHaveLength(1)
    await ledger.close()
  })

  it('error: LEDGER_UNAVAILABLE for everything after it was closed', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    const id = await reserve(ledger)
    const closed = ledger.close()
    await expect(ledger.reserve(createDraft(), [])).rejects.toThrow('it was closed')
    await closed
    await expect(ledger.note(id, sent)).rejects.toMatchObject({ money: 'signed' })
    await expect(ledger.claim(createClaimant())).rejects.toThrow('it was closed')
    await expect(readAll(ledger)).rejects.toThrow('it was closed')
  })

  it('writes down what was asked before when it is closed', async () => {
    const path = await createLedgerPath()
    const ledger = await createFileLedger(path)
    const reserved = Promise.all(Array.from({ length: 100 }, () => reserve(ledger)))
    await ledger.close()
    await reserved
    const again = await createFileLedger(path)
    expect(await readAll(again)).toHaveLength(100)
    await again.close()
  })
})

describe('createFileLedger: what it waits for the disk for', () => {
  /** Counts how often the disk is waited for, by whatever file of this process. */
  async function countSyncs(): Promise<() => number> {
    const path = await createLedgerPath()
    const handle = await open(path, 'w')
    const syncs = vi.spyOn(Object.getPrototypeOf(handle), 'datasync')
    await handle.close()
    await rm(path)
    onTestFinished(() => syncs.mockRestore())
    return () => syncs.mock.calls.length
  }

  it('waits before a payment is sent, and for nothing else', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const syncs = await countSyncs()
    const id = await reserve(ledger)
    expect(syncs()).toBe(0)
    await ledger.note(id, sent)
    expect(syncs()).toBe(1)
    await ledger.note(id, lost)
    await ledger.note(id, { type: 'sent' })
    await ledger.note(id, delivered)
    await ledger.note(id, settled)
    expect(syncs()).toBe(1)
  })

  it('waits for each caller that says that a payment is sent, also where another one said so just before', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const id = await reserve(ledger)
    const syncs = await countSyncs()
    const ended: number[] = []
    const noted = [sent, sent].map(async (event) => {
      await ledger.note(id, event)
      ended.push(syncs())
    })
    await Promise.all(noted)
    expect(ended.every((count) => count > 0)).toBe(true)
  })

  it('waits for a value of the register', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const syncs = await countSyncs()
    expect(await ledger.put('freeze', 'all', true, undefined)).toBe(true)
    expect(syncs()).toBe(1)
    expect(await ledger.put('freeze', 'all', false, undefined)).toBe(false)
    expect(syncs()).toBe(1)
  })

  it('waits once for all payments that are sent at the same time', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const ids = await Promise.all(Array.from({ length: 1000 }, () => reserve(ledger)))
    const syncs = await countSyncs()
    await Promise.all(ids.map((id) => ledger.note(id, sent)))
    expect(syncs()).toBeLessThanOrEqual(2)
  })
})

describe('createFileLedger: who may read it', () => {
  it('only its owner, whatever the umask', async () => {
    const path = await createLedgerPath()
    const child = await startChild('pay-in-a-loop', [path], 'umask 0')
    let payments = 0
    for await (const line of child.lines) {
      if (line.startsWith('settled')) payments += 1
      if (payments === 200) break // by then it was written anew
    }
    const modes = await Promise.all([path, `${path}.lock`].map(async (file) => (await stat(file)).mode & 0o777))
    await child.kill()
    expect(modes).toEqual([0o600, 0o600])
  })

  it('its owner still, when an administrator rewrote it', async () => {
    const ledger = await createFileLedger(await createLedgerPath())
    onTestFinished(() => ledger.close())
    const owner = process.getuid?.() === 0 ? 65_534 : (await stat(ledger.path)).uid
    await chown(ledger.path, owner, (await stat(ledger.path)).gid)
    await ledger.compact()
    expect(await stat(ledger.path)).toMatchObject({ uid: owner })
  })

  it('only its owner, when a copy that others could read was put back', async () => {
    const path = await createLedgerPath()
    await (await createFileLedger(path)).close()
    await chmod(path, 0o644)
    const ledger = await createFileLedger(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await ledger.close()
  })
})

describe('createJournal', () => {
  async function openJournal(): Promise<{ journal: Journal; log: Log; syncs: () => number }> {
    const path = await createLedgerPath()
    const log = await createLog(path)
    const datasync = log.handle.datasync.bind(log.handle)
    let syncs = 0
    log.handle.datasync = () => {
      syncs += 1
      return datasync()
    }
    const journal = createJournal(path, log)
    onTestFinished(() => journal.close())
    return { journal, log, syncs: () => syncs }
  }

  it('waits for the disk once for all who ask at once', async () => {
    const { journal, syncs } = await openJournal()
    await Promise.all(Array.from({ length: 1000 }, (_, n) => journal.append(`${n}`, true)))
    expect(syncs()).toBeLessThanOrEqual(2)
    expect(journal.lines()).toBe(1000)
  })

  it('waits for the disk again for those who ask while it is being waited for', async () => {
    const { journal, syncs } = await openJournal()
    for (let line = 0; line < 3; line++) await journal.append(`${line}`, true)
    expect(syncs()).toBe(3)
  })

  it('does not wait for the disk where no caller asks', async () => {
    const { journal, syncs } = await openJournal()
    await journal.append('line', false)
    expect(syncs()).toBe(0)
  })

  it('fails for good when the disk does, and cuts off what may not be on it when it is closed', async () => {
    const { journal, log } = await openJournal()
    await journal.append('kept', true)
    const { bytes } = log
    await journal.append('in memory alone', false)
    const file = await readlink(`/proc/self/fd/${log.handle.fd}`)
    log.handle.datasync = () => Promise.reject(new Error('EIO'))
    await expect(journal.append('line', true)).rejects.toThrow('EIO')
    expect(journal.failure()).toHaveProperty('cause.message', 'EIO')
    await expect(journal.append('line', false)).rejects.toThrow()
    await expect(journal.rewrite({ payments: Object.assign([], { count: 0 }), values: [] })).rejects.toThrow()
    await journal.close()
    expect((await stat(file)).size).toBe(bytes)
  })

  it('leaves a file whole that it rewrote while it waited for the disk of the old one, which failed', async () => {
    const { journal, log } = await openJournal()
    const path = await readlink(`/proc/self/fd/${log.handle.fd}`)
    for (let line = 0; line < 100; line++) await journal.append(JSON.stringify({ line }), true)
    const [asked, fails] = [createGate(), createGate()]
    log.handle.datasync = async () => {
      asked.open()
      await fails.passed
      throw new Error('EIO')
    }
    const appended = journal.append('line', true).catch(({ message }) => message)
    await asked.passed
    const { sync } = log.handle
    let syncs = 0
    const syncing = vi.spyOn(Object.getPrototypeOf(log.handle), 'sync').mockImplementation(async function (
      this: typeof log.handle,
    ) {
      syncs += 1
      // The new file is whole, and about to be put in the place of the old one.
      if (syncs === 2) fails.open()
      if (syncs === 2) expect(await appended).toBe('EIO')
      return sync.call(this)
    })
    onTestFinished(() => syncing.mockRestore())
    await journal.rewrite({ payments: Object.assign([], { count: 0 }), values: [] })
    const { size } = await stat(path)
    await journal.close()
    expect((await stat(path)).size).toBe(size)
  })
})

async function reserve(ledger: FileLedger): Promise<string> {
  const reserved = await ledger.reserve(createDraft(), [])
  return isRefusal(reserved) ? '' : reserved.id
}

/** Makes a payment that is over, whose lines are fewer once the file is rewritten. */
async function buy(ledger: FileLedger): Promise<void> {
  const id = await reserve(ledger)
  for (const event of [sent, delivered, settled]) await ledger.note(id, event)
}

/** By a copy with another number. */

async function replace(path: string): Promise<void> {
  await writeFile(`${path}.copy`, await readFile(path))
  await rename(`${path}.copy`, path)
}
