import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

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
  { file: 'src/payment/ports.ts', type: 'WarningCode', title: 'Warnings' },
  { file: 'src/ledger/error.ts', type: 'LedgerErrorCode', title: 'LedgerError' },
  { file: 'src/testing/check.ts', type: 'ContractErrorCode', title: 'ContractError' },
]

function listCatalogue(): string[] {
  const topics = readdirSync('src/errors/catalogue').map((file) => `src/errors/catalogue/${file}`)
  const schemes = readdirSync('schemes', { recursive: true, encoding: 'utf8' }).map((file) => `schemes/${file}`)
  return [...topics, ...schemes.filter((file) => file.endsWith('/errors.ts'))]
}

type Row = { readonly code: string; readonly kind: { readonly kind: string } }

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && 'code' in value && 'kind' in value
}

/** Where each code may stand: in the section of any class that it is thrown as. */
async function collectCodes(): Promise<Map<string, Set<string>>> {
  const codes = new Map<string, Set<string>>()
  const note = (code: string, title: string) => codes.set(code, (codes.get(code) ?? new Set()).add(title))
  for (const file of listCatalogue()) {
    const rows: Record<string, unknown> = await import(/* @vite-ignore */ resolve(file))
    for (const { code, kind } of Object.values(rows).filter(isRow)) note(code, SECTIONS[kind.kind] ?? kind.kind)
  }
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
  for (const file of listCatalogue()) {
    const rows: Record<string, unknown> = await import(/* @vite-ignore */ resolve(file))
    const silent = Object.entries(rows).filter(([, row]) => isRow(row) && !('sentence' in row) && !('because' in row))
    expect({ file, silent }).toEqual({ file, silent: [] })
  }
})
