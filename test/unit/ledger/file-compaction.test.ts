import { copyFile, mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { FREEZE, isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, DOLLAR, type DraftChange, named } from '../../../src/testing/ledger/draft.js'
import { createPresentation, delivered, lost, released, sent, settled } from '../../../src/testing/ledger/events.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

const never = { compactAfterLines: Number.POSITIVE_INFINITY }
const SIGNATURE = '"nonce":"0x1"'

describe('createFileLedger: compaction', () => {
  it('leaves one line for each payment, and every payment as it was', async () => {
    const { ledger, pay, reopen } = await createFileBench(never)
    for (const [made, events] of [[settled], [], [released]].entries()) {
      await pay({ call: named(`${made}`) }, sent, lost, ...events)
    }
    const before = await readAll(ledger)
    await ledger.compact()
    expect(await readLines(ledger)).toHaveLength(4)
    expect(await readAll(ledger)).toEqual(before)
    expect(await readAll(await reopen())).toEqual(before)
  })

  it('keeps counting old payments, in any window', async () => {
    const { clock, ledger, pay, reopen } = await createFileBench(never)
    await pay({}, sent, settled)
    clock.advance(1000)
    await pay({}, sent)
    await ledger.compact()
    const again = await reopen()
    expect(await again.spent(createCap(9))).toEqual({ held: DOLLAR, spent: DOLLAR, count: 2 })
    expect(await again.spent(createCap(9, { windowSeconds: 1001 }))).toMatchObject({ count: 2 })
    expect(await again.spent(createCap(9, { windowSeconds: 1000 }))).toMatchObject({ count: 1 })
  })

  it('removes signed payments that nobody needs any more, and keeps the others', async () => {
    const { ledger, pay } = await createFileBench(never)
    const answered = await pay({}, sent)
    await pay({}, { ...sent, presentation: createPresentation({ nonce: 'needed' }) })
    expect(await readText(ledger)).toContain(SIGNATURE)
    await ledger.note(answered, delivered)
    await ledger.compact()
    expect(await readText(ledger)).not.toContain(SIGNATURE)
    expect(await readText(ledger)).toContain('"nonce":"needed"')
  })

  it('keeps what the register holds, and nothing that was removed from it', async () => {
    const { ledger, reopen } = await createFileBench(never)
    await ledger.put(FREEZE.kind, FREEZE.key, { by: 'Ann' }, undefined)
    await ledger.put('price', 'old', 7, undefined)
    await ledger.put('price', 'old', undefined, 7)
    await ledger.compact()
    expect(await readLines(ledger)).toHaveLength(2)
    const again = await reopen()
    expect(await again.get(FREEZE.kind, FREEZE.key)).toEqual({ by: 'Ann' })
    expect(await again.get('price', 'old')).toBeUndefined()
  })

  it('does not rewrite a file again and again for what its register holds', async () => {
    const { ledger, pay } = await createFileBench({ compactAfterLines: 5 })
    for (let value = 0; value < 20; value++) await ledger.put('price', `${value}`, value, undefined)
    await ledger.compact()
    const before = await readLines(ledger)
    await pay({})
    expect((await readLines(ledger)).slice(0, 21)).toEqual(before)
  })

  it('loses nothing of what happens meanwhile', async () => {
    const { ledger, pay, crash } = await createFileBench(never)
    await Promise.all(
      Array.from({ length: 3000 }, (_, n) => pay({ call: toCall(n), terms: { payTo: `0x${n}` } }, sent)),
    )
    const compacted = ledger.compact()
    const paid: string[] = []
    for (let round = 0; round < 20; round++)
      paid.push(...(await Promise.all([1, 2, 3].map(() => pay({}, sent, settled)))))
    await compacted
    await pay({})
    const found = await crash()
    const kept = await readAll(found, { states: ['settled'] })
    expect(kept.map(({ id }) => id).sort()).toEqual(paid.sort())
    expect(found.recovery).toMatchObject({ released: 1, lost: 3060 })
  })

  it('happens by itself when more lines are over than are kept', async () => {
    const { ledger, pay } = await createFileBench({ compactAfterLines: 10 })
    for (let made = 0; made < 50; made++) await pay({}, sent, { ...delivered, isSettled: true })
    const lines = await readLines(ledger)
    expect(lines.length).toBeLessThan(1 + 3 * 50)
    expect(lines.length).toBeGreaterThan(50)
  })

  it('happens when it is closed and half of the lines are over', async () => {
    const { ledger, pay } = await createFileBench(never)
    await pay({}, sent, { ...delivered, isSettled: true })
    await ledger.close()
    expect(await readLines(ledger)).toHaveLength(2)
  })

  it('happens when it is opened and more lines are over than may be', async () => {
    const { ledger, pay } = await createFileBench(never)
    for (let made = 0; made < 10; made++) await pay({}, sent, { ...delivered, isSettled: true })
    const path = await createLedgerPath()
    await copyFile(ledger.path, path)
    const opened = await createFileLedger(path, { compactAfterLines: 5 })
    await expect.poll(() => readLines(opened)).toHaveLength(11)
    await opened.close()
  })

  it('goes on after it failed, and warns', async () => {
    const { ledger, pay, warnings, find } = await createFileBench({ compactAfterLines: 0 })
    await mkdir(`${ledger.path}.new`)
    const id = await pay({}, sent, settled)
    await expect.poll(() => warnings).toMatchObject([{ code: 'LEDGER_NOT_COMPACTED' }])
    await expect(ledger.compact()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    expect(await find(id)).toMatchObject({ state: 'settled' })
    await rmdir(`${ledger.path}.new`)
    await ledger.compact()
    expect(await readLines(ledger)).toHaveLength(2)
  })

  it.each<[string, (file: Buffer) => Buffer]>([
    ['began', (file) => file.subarray(0, 0)],
    ['was half done', (file) => file.subarray(0, file.length / 2)],
    ['was done, but for the new file taking its place', (file) => file],
  ])('leaves the old file good when the machine stops after it %s', async (_when, cut) => {
    const { ledger, pay, reopen, crash } = await createFileBench(never)
    await pay({}, sent)
    await pay({}, sent, settled)
    const before = await readAll(await crash())
    const found = await crash(async (path) => {
      const other = await createFileLedger(path)
      await other.compact()
      const compacted = await readFile(path)
      await other.close()
      await copyFile(ledger.path, path)
      await writeFile(`${path}.new`, cut(compacted))
    })
    expect(await readAll(found)).toEqual(before)
    expect((await readdir(dirname(found.path))).filter((name) => name.endsWith('.new'))).toEqual([])
    await reopen()
  })

  it('does not replace a file that somebody else put in its place', async () => {
    const ledger = await createFileLedger(await createLedgerPath(), never)
    await writeFile(`${ledger.path}.other`, 'theirs')
    await rename(`${ledger.path}.other`, ledger.path)
    await expect(ledger.compact()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    expect(await readText(ledger)).toBe('theirs')
    expect(await readdir(dirname(ledger.path))).not.toContain('payments.ledger.new')
    await expect(ledger.close()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  })
})

describe('createFileLedger: under load', () => {
  it('lets exactly ten of 1,000 concurrent payments of $1 through a cap of $10, across a restart', async () => {
    const { ledger, reopen } = await createFileBench()
    const caps = [createCap(10)]
    const pay = async () => {
      const reserved = await ledger.reserve(createDraft(), caps)
      if (isRefusal(reserved)) return 0
      await ledger.note(reserved.id, sent)
      await ledger.note(reserved.id, { ...delivered, isSettled: true })
      return 1
    }
    const paid = await Promise.all(Array.from({ length: 1000 }, pay))
    expect(paid.filter((one) => one === 1)).toHaveLength(10)
    const again = await reopen()
    expect(await again.spent(createCap(10))).toEqual({ held: 0n, spent: 10n * DOLLAR, count: 10 })
    expect(await again.reserve(createDraft(), caps)).toMatchObject({ by: 'cap' })
  })

  it('takes 1,000 payments at once, each with its events in order', async () => {
    const { ledger, pay, reopen } = await createFileBench({ compactAfterLines: 100 })
    const ids = await Promise.all(Array.from({ length: 1000 }, () => pay({}, sent, { ...delivered, isSettled: true })))
    const before = await readAll(ledger)
    expect(new Set(ids).size).toBe(1000)
    expect(await readAll(await reopen())).toEqual(before)
  })
})

/** A purchase of its own: a ledger looks at all that are open of one. */
function toCall(n: number): DraftChange['call'] {
  return { purchase: `weather ${n}`, coarse: undefined }
}

async function readText({ path }: FileLedger): Promise<string> {
  return readFile(path, 'utf8')
}

async function readLines(ledger: FileLedger): Promise<string[]> {
  return (await readText(ledger)).trimEnd().split('\n')
}
