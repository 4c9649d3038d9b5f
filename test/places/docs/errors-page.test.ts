import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { readCatalogueRows } from '../../support/errors/catalogue-rows.js'

const page = readFileSync('docs/errors.md', 'utf8')

/** Each heading of a code, and the section that it is in, in the order of the page. */
const places = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [title = ''] = section.split('\n')
    return [...section.matchAll(/^### ([A-Z][A-Z_0-9]+)$/gm)].map(([, code = '']) => ({ code, title }))
  })

/** The schemes' own errors have no class of their own. */
const SECTIONS: Readonly<Record<string, string>> = { X402Error: 'Of the EVM and Solana schemes' }

/** Unions of codes of what isn't in the catalogue: warnings, the ledgers' errors, and that of the contract suites. */
const UNIONS = [
  { file: 'src/payment/stream.ts', type: 'WarningCode', title: 'Warnings' },
  { file: 'src/ledger/error.ts', type: 'LedgerErrorCode', title: 'LedgerError' },
  { file: 'src/testing/check.ts', type: 'ContractErrorCode', title: 'ContractError' },
]

/** Where each code may stand: in the section of any class that it is thrown as. */
async function collectCodes(): Promise<Map<string, Set<string>>> {
  const codes = new Map<string, Set<string>>()
  const note = (code: string, title: string) => codes.set(code, (codes.get(code) ?? new Set()).add(title))
  for (const [, { code, kind }] of await readCatalogueRows()) note(code, SECTIONS[kind.kind] ?? kind.kind)
  for (const { file, type, title } of UNIONS) {
    const [, union = ''] =
      new RegExp(`${type} =((?:\\s*\\|?\\s*'[A-Z_]+')+)`).exec(
        readFileSync(file, 'utf8').replace(/^ *\/\*\*.*?\*\/$/gms, ''),
      ) ?? []
    for (const [, code = ''] of union.matchAll(/'([A-Z_]+)'/g)) note(code, title)
  }
  return codes
}

it('docs/errors.md: has a place for every code, under a class that it is thrown as', async () => {
  const missing = [...(await collectCodes())].filter(
    ([code, titles]) => !places.some((place) => place.code === code && titles.has(place.title)),
  )
  expect(missing).toEqual([])
})

it('docs/errors.md: has no place without a code', async () => {
  const codes = await collectCodes()
  expect(codes.size).toBeGreaterThan(80)
  expect(places.filter(({ code, title }) => codes.get(code)?.has(title) !== true)).toEqual([])
})

it('docs/errors.md: names each code once', () => {
  const all = places.map(({ code }) => code)
  expect(all).toEqual([...new Set(all)])
})

it('the catalogue: every row has its first line, or the reason of a limit', async () => {
  const silent = (await readCatalogueRows()).filter(([, row]) => !('sentence' in row) && !('because' in row))
  expect(silent).toEqual([])
})
