import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LedgerError } from '../../../src/ledger/error.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { type Child, startChild } from '../../support/ledger/start-child.js'

async function open(path: string, options?: createFileLedger.Options): Promise<FileLedger> {
  const ledger = await createFileLedger(path, options)
  onTestFinished(() => ledger.close())
  return ledger
}

/** What is in the folder of a ledger that is open. */
const SHARED = ['payments.ledger', 'payments.ledger.lock', 'payments.ledger.sock']

/** Another process that is ready to take a ledger, and tells whether it got it. */
async function startTaker(path: string): Promise<Child & { take(): Promise<string> }> {
  const child = await startChild('hold-ledger', [path])
  onTestFinished(child.kill)
  const lines = child.lines[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('ready')
  async function take(): Promise<string> {
    child.tell()
    return (await lines.next()).value
  }
  return { ...child, take }
}

async function hold(path: string): Promise<Child & { told: string }> {
  const taker = await startTaker(path)
  return { ...taker, told: await taker.take() }
}

/** What this process writes into a lock, changed. */
async function writeLock(path: string, change: Record<string, unknown>): Promise<void> {
  const ledger = await createFileLedger(path)
  const lock = JSON.parse(await readFile(`${path}.lock`, 'utf8'))
  await ledger.close()
  await writeFile(`${path}.lock`, JSON.stringify({ ...lock, token: 'a'.repeat(32), ...change }))
}

describe('createFileLedger: its lock', () => {
  it('lets another process in, which shares what there is', async () => {
    const path = await createLedgerPath()
    const { pid } = await hold(path)
    const ledger = await open(path)
    expect(JSON.parse(await readFile(`${path}.lock`, 'utf8'))).toMatchObject({ pid })
    expect(ledger.recovery).toEqual({ released: 0, lost: 0, tornBytes: 0 })
    expect(await ledger.reserve(createDraft(), [])).toHaveProperty('id')
    expect(await readAll(ledger)).toHaveLength(1)
  })

  it('lets another process in while this one has it', async () => {
    const path = await createLedgerPath()
    await open(path)
    expect((await hold(path)).told).toBe('open')
  })

  it('lets a second handle of the same process in', async () => {
    const path = await createLedgerPath()
    const [first, second] = [await open(path), await open(path)]
    await second.reserve(createDraft(), [])
    expect(await readAll(first)).toEqual(await readAll(second))
    expect(await readAll(first)).toHaveLength(1)
  })

  it('error: LEDGER_LOCKED when its process lets no other one in, as one of another version', async () => {
    const path = await createLedgerPath()
    await writeLock(path, { address: undefined, secret: undefined })
    const error: unknown = await createFileLedger(path).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'LEDGER_LOCKED',
      money: 'untouched',
      facts: { file: path, lock: `${path}.lock`, process: String(process.pid) },
    })
    expect(String(error)).toContain(`open in process ${process.pid}, which lets no other one in`)
  })

  it('is given back when the ledger is closed, twice or more', async () => {
    const path = await createLedgerPath()
    const ledger = await createFileLedger(path)
    await Promise.all([ledger.close(), ledger.close()])
    await ledger.close()
    expect(await readdir(dirname(path))).toEqual(['payments.ledger'])
    await open(path)
  })

  it('is given back when the file can not be opened', async () => {
    const path = await createLedgerPath()
    await writeFile(path, 'hello')
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
    expect(await readdir(dirname(path))).toEqual(['payments.ledger'])
  })

  it('is taken over when its process was killed', async () => {
    const path = await createLedgerPath()
    const holder = await hold(path)
    await holder.kill()
    await open(path)
    expect(JSON.parse(await readFile(`${path}.lock`, 'utf8'))).toMatchObject({ pid: process.pid })
    expect((await readdir(dirname(path))).sort()).toEqual(SHARED)
  })

  it('is taken over by one of several processes at once, which lets the others in', async () => {
    const path = await createLedgerPath()
    await (await hold(path)).kill()
    const takers = await Promise.all(Array.from({ length: 4 }, () => startTaker(path)))
    const told = await Promise.all(takers.map(({ take }) => take()))
    expect(told).toEqual(['open', 'open', 'open', 'open'])
    const { pid } = JSON.parse(await readFile(`${path}.lock`, 'utf8'))
    expect(takers.map((taker) => taker.pid)).toContain(pid)
  })

  it('is taken over by one of many at once, again and again, and all hold to one limit', async () => {
    const path = await createLedgerPath()
    for (let round = 0; round < 20; round++) {
      await writeLock(path, { pid: 2 ** 22 + 1, start: '1' }) // above the highest that Linux gives out
      const takers = await Promise.all(Array.from({ length: 10 }, () => createFileLedger(path)))
      const asked = await Promise.all(takers.map((taker) => taker.reserve(createDraft(), [createCap(3)])))
      expect(asked.filter((one) => !isRefusal(one))).toHaveLength(3)
      await Promise.all(takers.map((taker) => taker.close()))
      expect(await readdir(dirname(path))).toEqual(['payments.ledger'])
    }
  })

  it('is taken over when somebody died while taking it over', async () => {
    const path = await createLedgerPath()
    await writeLock(path, { pid: 2 ** 22 + 1 })
    const stale = JSON.parse(await readFile(`${path}.lock`, 'utf8'))
    await writeFile(`${path}.lock.${stale.token}.next`, JSON.stringify({ ...stale, token: 'b'.repeat(32) }))
    await open(path)
    expect((await readdir(dirname(path))).sort()).toEqual(SHARED)
  })

  it('is taken over when its process number has been given to another', async () => {
    const path = await createLedgerPath()
    await writeLock(path, { start: '1' })
    await open(path)
  })

  it('is taken over when the machine was started anew', async () => {
    const path = await createLedgerPath()
    await writeLock(path, { boot: 'another', namespace: 'another' })
    await open(path)
  })

  it.each([
    ['another container', { namespace: 'another' }],
    ['another machine', { boot: 'another', host: `not-${hostname()}` }],
    ['this machine, but may not read which run of it this is', { boot: undefined, namespace: undefined }],
  ])('error: LEDGER_LOCKED when its process is in %s, unless told to take it over', async (_where, change) => {
    const path = await createLedgerPath()
    await writeLock(path, { pid: 2 ** 22 + 1, ...change })
    await expect(createFileLedger(path)).rejects.toThrow("can't be seen from here")
    await open(path, { unseenHolder: 'take-over' })
  })

  it.each(['', '{}', 'x', '{"pid":1,"host":"h","token":"../../x"}'])(
    'error: LEDGER_LOCKED when it reads %j, since nobody can tell whose it is',
    async (text) => {
      const path = await createLedgerPath()
      await writeFile(`${path}.lock`, text)
      await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_LOCKED' })
      expect(await readFile(`${path}.lock`, 'utf8')).toBe(text)
    },
  )
})

describe('createFileLedger: its path', () => {
  it('is one file, whatever link leads to it', async () => {
    const path = await createLedgerPath()
    const ledger = await open(path)
    await symlink(path, `${path}.link`)
    const other = await open(`${path}.link`)
    await ledger.reserve(createDraft(), [])
    expect(await readAll(other)).toHaveLength(1)
    await other.close()
    await ledger.close()
    const linked = await open(`${path}.link`)
    await linked.compact()
    expect(linked.path).toBe(path)
    expect(await readAll(linked)).toHaveLength(1)
    expect((await readdir(dirname(path))).sort()).toEqual([...SHARED, 'payments.ledger.link'].sort())
  })

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['is a folder', (path) => mkdir(path)],
    ['is a link to nothing', (path) => symlink(`${path}.nothing`, path)],
    ['is a link to a folder', (path) => symlink(dirname(path), path)],
    ['is a device', (path) => symlink('/dev/null', path)],
    ['has a second name', async (path) => link(await writeAt(`${path}.first`), path)],
  ])('error: LEDGER_UNAVAILABLE when it %s', async (_what, make) => {
    const path = await createLedgerPath()
    await make(path)
    const before = await readdir(dirname(path))
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    expect(await readdir(dirname(path))).toEqual(before)
  })

  it('error: LEDGER_UNAVAILABLE when its folder is missing, and none is made', async () => {
    const path = join(await createLedgerPath(), 'payments.ledger')
    const error: unknown = await createFileLedger(path).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(LedgerError)
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', cause: { code: 'ENOENT' } })
  })

  it.each<[string, string, object, string]>([
    ['an empty path', '', {}, 'INVALID_OPTION'],
    ['an unknown option', 'a', { compact: true }, 'UNKNOWN_OPTION'],
    ['a number of lines below zero', 'a', { compactAfterLines: -1 }, 'INVALID_OPTION'],
    ['a number of lines that is none', 'a', { compactAfterLines: Number.NaN }, 'INVALID_OPTION'],
    ['a way to take over that there is not', 'a', { unseenHolder: 'force' }, 'INVALID_OPTION'],
  ])('error: given %s', async (_what, path, options, code) => {
    await expect(createFileLedger(path, options)).rejects.toMatchObject({ name: 'ConfigurationError', code })
  })
})

async function writeAt(path: string): Promise<string> {
  await writeFile(path, '')
  return path
}
