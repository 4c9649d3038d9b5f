import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { LedgerError } from '../../../src/ledger/ledger-error.js'
import { createPresentation } from '../../../src/testing/ledger/create-presentation.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { writeLines } from '../../support/ledger/write-lines.js'

/** A ledger's file of nine lines: two payments that were sent, one that was reserved. */
async function createFile(): Promise<string> {
  const { ledger, pay } = await createFileBench({ compactAfterLines: Number.POSITIVE_INFINITY })
  await pay('sent', { tags: ['first'] }, { presentation: createPresentation() })
  await pay('settled', { tags: ['second'] }, { delivery: 'lost', transaction: '0xabc' })
  await pay('reserved', { tags: ['third'] })
  const path = await createLedgerPath()
  await writeFile(path, await readFile(ledger.path))
  return path
}

describe('error: LEDGER_CORRUPT when in the file', () => {
  it.each<[string, (lines: string[]) => string[]]>([
    ['a word was changed', (lines) => change(lines, 1, (line) => line.replace('weather', 'whether'))],
    ['an amount was changed', (lines) => change(lines, 1, (line) => line.replace('1000000', '1000001'))],
    ['a signed payment was changed', (lines) => change(lines, 2, (line) => line.replace('0x1', '0x2'))],
    [
      'a checksum was changed',
      (lines) => change(lines, 3, (line) => (line.startsWith('0') ? '1' : '0') + line.slice(1)),
    ],
    ['a checksum is missing', (lines) => change(lines, 3, (line) => line.slice(9))],
    ['the last line was changed', (lines) => change(lines, lines.length - 1, (line) => line.replace('third', 'thirt'))],
    ['two lines changed places', ([header = '', a = '', b = '', ...rest]) => [header, b, a, ...rest]],
    ['a line was removed', (lines) => lines.toSpliced(3, 1)],
    ['a line was removed and the next one put in its place', (lines) => lines.toSpliced(3, 2, lines[4] ?? '')],
    ['a line is there twice', (lines) => lines.toSpliced(3, 0, lines[3] ?? '')],
    ['a line was added', (lines) => lines.toSpliced(3, 0, '00000000 {}')],
    ['a line is empty', (lines) => lines.toSpliced(3, 0, '')],
    ['the first line was removed', (lines) => lines.slice(1)],
    ['the first line was changed', (lines) => change(lines, 0, (line) => line.replace('"records":0', '"records":1'))],
    ['lines end as on Windows', (lines) => lines.map((line) => `${line}\r`)],
  ])('%s, and nothing is changed', async (_what, edit) => {
    const path = await createFile()
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    const edited = `${edit(lines).join('\n')}\n`
    await writeFile(path, edited)
    await expect(createFileLedger(path)).rejects.toMatchObject({ name: 'LedgerError', code: 'LEDGER_CORRUPT' })
    expect(await readFile(path, 'utf8')).toBe(edited)
    expect(await readdir(dirname(path))).toHaveLength(1)
  })

  it.each([
    ['text', 'hello\n'],
    ['text without an end', 'hello'],
    ['other JSON', '{"a":1}\n'],
    ['zeros', '\0'.repeat(1000)],
    ['a long line', `${'x'.repeat(2_000_000)}\n`],
    ['more of a line than is read', 'x'.repeat(17 * 1024 * 1024)],
  ])('there is %s instead of a ledger', async (_what, content) => {
    const path = await createLedgerPath()
    await writeFile(path, content)
    await expect(createFileLedger(path)).rejects.toMatchObject({
      code: 'LEDGER_CORRUPT',
      facts: { file: path, line: '1' },
    })
    expect((await stat(path)).size).toBe(content.length)
  })

  it('payments are missing at the end that were there when it was written anew', async () => {
    const { ledger, pay, crash } = await createFileBench()
    for (let made = 0; made < 3; made++) await pay('settled')
    await ledger.compact()
    const lines = (await readFile(ledger.path, 'utf8')).trimEnd().split('\n')
    const shorter = crash((path) => writeFile(path, `${lines.slice(0, -1).join('\n')}\n`))
    await expect(shorter).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  it('the error tells the line and what to do, and nothing that the file holds', async () => {
    const path = await createFile()
    const edited = (await readFile(path, 'utf8')).replace('"second"', '"secret"')
    await writeFile(path, edited)
    const error = await createFileLedger(path).catch((caught: unknown) => caught)
    expect(String(error).replace(path, 'FILE')).toMatchInlineSnapshot(`
      "LedgerError: The ledger's file was changed or damaged: a line is not the one that was written there.
        file: FILE
        line: 4
      It was left as it is. Restore a backup, or move it away: a new ledger counts nothing of what it held.
      Money: in-doubt. Docs: docs/errors.md#ledger_corrupt"
    `)
  })
})

describe('a file whose checksums are right', () => {
  const HEADER = '{"pay402":"ledger","version":2,"records":0}'
  const DEAL =
    '"k":0,"d":{"o":"https://a.example","h":"a.example","m":"GET","s":"exact","n":"eip155:1","a":"0x1","y":"0x2","v":"5","g":[],"c":["usd","5"]}'
  const RECORD = `{"i":"a-0","t":9,"p":"p","r":"r",${DEAL}}`

  it('opens with what it says', async () => {
    const path = await createLedgerPath()
    await writeLines(path, [HEADER, RECORD, '{"i":"a-0","z":"sent"}', '{"i":"a-1","t":9,"p":"p","r":"r","k":0}'])
    const ledger = await createFileLedger(path)
    expect(await readAll(ledger)).toMatchObject([
      { id: 'a-1', state: 'released', amount: 5n },
      { id: 'a-0', state: 'sent', charges: [{ unit: 'usd', amount: 5n }] },
    ])
    await ledger.close()
  })

  it.each([
    ['another version', ['{"pay402":"ledger","version":1,"records":0}']],
    ['no number of payments', ['{"pay402":"ledger","version":2}']],
    ['a second header', [HEADER, HEADER]],
    ['no JSON', [HEADER, '{']],
    ['no object', [HEADER, '[1]']],
    ['a payment without an id', [HEADER, RECORD.replace('"i":"a-0",', '')]],
    ['a payment with another place', [HEADER, RECORD.replace('a-0', 'a-1')]],
    ['a payment twice', [HEADER, RECORD, RECORD]],
    ['a payment older than the one before', [HEADER, RECORD, RECORD.replace('a-0', 'a-1').replace('9', '8')]],
    ['a time that is a text', [HEADER, RECORD.replace('9', '"9"')]],
    ['a time that is null', [HEADER, RECORD.replace('9', 'null')]],
    ['no purchase', [HEADER, RECORD.replace('"p":"p",', '')]],
    ['no deal', [HEADER, RECORD.replace(/,"k".*/, '}')]],
    ['an unknown deal', [HEADER, RECORD.replace(/"k".*/, '"k":1}')]],
    ['a deal without an asset', [HEADER, RECORD.replace('"a":"0x1",', '')]],
    ['a deal on no network', [HEADER, RECORD.replace('eip155:1', 'base')]],
    ['a deal that is null', [HEADER, RECORD.replace(/"d".*/, '"d":null}')]],
    ['a deal of a number that is too high', [HEADER, RECORD.replace('"k":0', '"k":256')]],
    ['an amount as a number', [HEADER, RECORD.replace('"v":"5"', '"v":5')]],
    ['an amount in hexadecimal', [HEADER, RECORD.replace('"v":"5"', '"v":"0x5"')]],
    ['a charge without an amount', [HEADER, RECORD.replace('"usd","5"', '"usd"')]],
    ['a charge in no unit', [HEADER, RECORD.replace('"usd"', '"dollars"')]],
    ['tags that are no texts', [HEADER, RECORD.replace('"g":[]', '"g":[1]')]],
    ['a move of an unknown payment', [HEADER, '{"i":"a-0","z":"sent"}']],
    ['a move to an unknown state', [HEADER, RECORD, '{"i":"a-0","z":"paid"}']],
    ['a move that can not be', [HEADER, RECORD, '{"i":"a-0","z":"settled"}']],
    ['an unknown delivery', [HEADER, RECORD, '{"i":"a-0","z":"sent","w":"late"}']],
    ['a nonce as a number', [HEADER, RECORD, '{"i":"a-0","z":"sent","n":1}']],
    ['charges as an object', [HEADER, RECORD, '{"i":"a-0","z":"sent","c":{}}']],
    ['a signed payment that is no JSON', [HEADER, RECORD, '{"i":"a-0","z":"sent"}\tabc']],
    ['a signed payment without a payload', [HEADER, RECORD, '{"i":"a-0","z":"sent"}\t{"headers":{}}']],
  ])('error: LEDGER_CORRUPT when it holds %s', async (_what, lines) => {
    const path = await createLedgerPath()
    await writeLines(path, lines)
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  it('opens or is refused as corrupt, whatever it holds', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a-0', 'sent', 'lost', 9, 0, null))
    const member = fc.constantFrom('i', 't', 'p', 'r', 'z', 'w', 'e', 'n', 'c', 'x', 'q', 'k', 'd')
    const line = fc.dictionary(member, value).map((changes) => JSON.stringify({ i: 'a-0', z: 'sent', ...changes }))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 3 }), async (lines) => {
        const path = await createLedgerPath()
        await writeLines(path, [HEADER, RECORD, ...lines])
        await createFileLedger(path).then(close, assertCorrupt)
      }),
    )
  })
})

function change(lines: readonly string[], index: number, edit: (line: string) => string): string[] {
  return lines.map((line, at) => (at === index ? edit(line) : line))
}

async function close(ledger: FileLedger): Promise<void> {
  await ledger.close()
}

function assertCorrupt(error: unknown): void {
  expect(error).toBeInstanceOf(LedgerError)
  expect(error).toHaveProperty('code', 'LEDGER_CORRUPT')
}
