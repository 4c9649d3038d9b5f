import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LedgerError } from '../../../src/ledger/error.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { named } from '../../../src/testing/ledger/draft.js'
import { lost, sent } from '../../../src/testing/ledger/events.js'
import { createFileBench } from '../../support/ledger/create-file-bench.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { writeLines } from '../../support/ledger/write-lines.js'

/** A ledger's file of nine lines: two payments that were sent, one that was reserved, and a value of the register. */
async function createFile(): Promise<string> {
  const { ledger, pay } = await createFileBench({ compactAfterLines: Number.POSITIVE_INFINITY })
  await pay({ call: { tags: ['first'] } }, sent)
  await pay({ call: { tags: ['second'] } }, sent, lost, { type: 'settled', transaction: '0xabc' })
  await ledger.put('price', 'all', { by: 'Ann' }, undefined)
  await pay({ call: { ...named('news'), tags: ['third'] } })
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
    ['the first line was changed', (lines) => change(lines, 0, (line) => line.replace('"lines":0', '"lines":1'))],
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
    for (let made = 0; made < 3; made++) await pay({ call: named(`${made}`) }, sent, lost)
    await ledger.compact()
    const lines = (await readFile(ledger.path, 'utf8')).trimEnd().split('\n')
    const shorter = crash((path) => writeFile(path, `${lines.slice(0, -1).join('\n')}\n`))
    await expect(shorter).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  it('a value of the register is missing that was there when it was rewritten', async () => {
    const { ledger, crash } = await createFileBench()
    await ledger.put('freeze', 'all', true, undefined)
    await ledger.compact()
    const [header] = (await readFile(ledger.path, 'utf8')).split('\n')
    const shorter = crash((path) => writeFile(path, `${header}\n`))
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
      Money: in-doubt. Docs: node_modules/pay402/docs/errors.md#ledger_corrupt"
    `)
  })
})

describe('a file whose checksums are right', () => {
  const HEADER = '{"pay402":"ledger","version":3,"lines":0}'
  const DEAL =
    '"k":0,"d":{"o":"https://a.example","h":"a.example","m":"GET","s":"exact","n":"eip155:1","a":"0x1","y":"0x2","v":"5","t":60,"g":[],"c":["usd","5"],"x":"5"}'
  const PAYMENT = `{"i":"a-0","t":9,"p":"p","r":"r",${DEAL}}`
  const SIGNED = '\t{"payload":{"x402Version":2,"payload":{}},"entry":{}}'
  const LEFT = `{"i":"a-0","z":"sent"}${SIGNED}`

  it('opens with what it says', async () => {
    const path = await createLedgerPath()
    await writeLines(path, [
      HEADER,
      PAYMENT,
      LEFT,
      '{"i":"a-1","t":9,"p":"p","r":"r","k":0}',
      '{"u":"a","y":"b","v":1}',
    ])
    const ledger = await createFileLedger(path)
    expect(await readAll(ledger)).toMatchObject([
      { id: 'a-1', state: 'released', terms: { amount: 5n, maxTimeoutSeconds: 60 }, exposure: 5n },
      { id: 'a-0', state: 'sent', charges: [{ unit: 'usd', amount: 5n }] },
    ])
    expect(await ledger.get('a', 'b')).toBe(1)
    await ledger.close()
  })

  it.each([
    ['another version', ['{"pay402":"ledger","version":2,"lines":0}']],
    ['no number of lines', ['{"pay402":"ledger","version":3}']],
    ['fewer lines than it had', ['{"pay402":"ledger","version":3,"lines":2}', PAYMENT]],
    ['a second header', [HEADER, HEADER]],
    ['no JSON', [HEADER, '{']],
    ['no object', [HEADER, '[1]']],
    ['a payment without an id', [HEADER, PAYMENT.replace('"i":"a-0",', '')]],
    ['a payment with another place', [HEADER, PAYMENT.replace('a-0', 'a-1')]],
    ['a payment twice', [HEADER, PAYMENT, PAYMENT]],
    ['a payment older than the one before', [HEADER, PAYMENT, PAYMENT.replace('a-0', 'a-1').replace('9', '8')]],
    ['a time that is a text', [HEADER, PAYMENT.replace('9', '"9"')]],
    ['a time that is null', [HEADER, PAYMENT.replace('9', 'null')]],
    ['no time', [HEADER, PAYMENT.replace('"t":9,', '')]],
    ['no purchase', [HEADER, PAYMENT.replace('"p":"p",', '')]],
    ['a coarse name as a number', [HEADER, PAYMENT.replace('"p":"p",', '"p":"p","o":1,')]],
    ['no resource', [HEADER, PAYMENT.replace('"r":"r",', '')]],
    ['a state that there is not', [HEADER, PAYMENT.replace('"r":"r",', '"r":"r","z":"signed",')]],
    ['a payment that is forgotten as a text', [HEADER, PAYMENT.replace('"r":"r",', '"r":"r","f":"true",')]],
    ['a payment that took a number', [HEADER, PAYMENT.replace('"r":"r",', '"r":"r","b":1,')]],
    ['a payment with a status as a text', [HEADER, PAYMENT.replace('"r":"r",', '"r":"r","s":"200",')]],
    ['no deal', [HEADER, PAYMENT.replace(/,"k".*/, '}')]],
    ['an unknown deal', [HEADER, PAYMENT.replace(/"k".*/, '"k":1}')]],
    ['a deal without an asset', [HEADER, PAYMENT.replace('"a":"0x1",', '')]],
    ['a deal on no network', [HEADER, PAYMENT.replace('eip155:1', 'base')]],
    ['a deal that is null', [HEADER, PAYMENT.replace(/"d".*/, '"d":null}')]],
    ['a deal of a number that is too high', [HEADER, PAYMENT.replace('"k":0', '"k":256')]],
    ['an amount as a number', [HEADER, PAYMENT.replace('"v":"5"', '"v":5')]],
    ['an amount in hexadecimal', [HEADER, PAYMENT.replace('"v":"5"', '"v":"0x5"')]],
    ['a life as a text', [HEADER, PAYMENT.replace('"t":60', '"t":"60"')]],
    ['no exposure', [HEADER, PAYMENT.replace(',"x":"5"', '')]],
    ['an exposure that is neither read nor unread', [HEADER, PAYMENT.replace('"x":"5"', '"x":"some"')]],
    ['a peg as a number', [HEADER, PAYMENT.replace('"t":60', '"t":60,"p":1')]],
    ['a charge without an amount', [HEADER, PAYMENT.replace('"usd","5"', '"usd"')]],
    ['a charge in no unit', [HEADER, PAYMENT.replace('"usd"', '"dollars"')]],
    ['tags that are no texts', [HEADER, PAYMENT.replace('"g":[]', '"g":[1]')]],
    ['an event of an unknown payment', [HEADER, LEFT]],
    ['an event that there is not', [HEADER, PAYMENT, '{"i":"a-0","z":"paid"}']],
    ['an event that can not be', [HEADER, PAYMENT, '{"i":"a-0","z":"settled"}']],
    ['a payment that was sent unsigned', [HEADER, PAYMENT, '{"i":"a-0","z":"sent"}']],
    ['a payment that was sent after it was released', [HEADER, PAYMENT, '{"i":"a-0","z":"released","o":"dead"}', LEFT]],
    ['a release for no reason', [HEADER, PAYMENT, '{"i":"a-0","z":"released"}']],
    ['a release for a reason that there is not', [HEADER, PAYMENT, '{"i":"a-0","z":"released","o":"bored"}']],
    ['a cancellation without a transaction', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"canceling"}']],
    ['a status as a text', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"lost","s":"500"}']],
    ['a word of the seller that is none', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"lost","q":{}}']],
    ['a receipt that is neither good nor bad', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"lost","k":1}']],
    ['a transaction as a number', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"settled","x":1}']],
    ['what was taken as a number', [HEADER, PAYMENT, LEFT, '{"i":"a-0","z":"settled","b":1}']],
    ['a nonce as a number', [HEADER, PAYMENT, `{"i":"a-0","z":"sent","n":1}${SIGNED}`]],
    ['allowances as an object', [HEADER, PAYMENT, `{"i":"a-0","z":"sent","l":{}}${SIGNED}`]],
    ['charges as an object', [HEADER, PAYMENT, `{"i":"a-0","z":"sent","c":{}}${SIGNED}`]],
    ['a signed payment that is no JSON', [HEADER, PAYMENT, '{"i":"a-0","z":"sent"}\tabc']],
    ['a signed payment without a payload', [HEADER, PAYMENT, '{"i":"a-0","z":"sent"}\t{"entry":{}}']],
    ['a signed payment without an entry', [HEADER, PAYMENT, LEFT.replace(',"entry":{}', '')]],
    ['a value without a key', [HEADER, '{"u":"a","v":1}']],
    ['a value of a kind that is no text', [HEADER, '{"u":1,"y":"b","v":1}']],
  ])('error: LEDGER_CORRUPT when it holds %s', async (_what, lines) => {
    const path = await createLedgerPath()
    await writeLines(path, lines)
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  it('opens or is refused as corrupt, whatever it holds', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a-0', 'sent', 'lost', 'released', 'dead', 9, 0, null))
    const member = fc.constantFrom(...'itproszwenlcxqbjfkduyv')
    const line = fc.dictionary(member, value).map((changes) => JSON.stringify({ i: 'a-0', z: 'lost', ...changes }))
    const signed = fc.constantFrom('', SIGNED, '\t{}', '\t')
    const signedLine = fc.tuple(line, signed).map(([own, rest]) => own + rest)
    await fc.assert(
      fc.asyncProperty(fc.array(signedLine, { maxLength: 3 }), fc.boolean(), async (lines, hasLeft) => {
        const path = await createLedgerPath()
        await writeLines(path, [HEADER, PAYMENT, ...(hasLeft ? [LEFT] : []), ...lines])
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
