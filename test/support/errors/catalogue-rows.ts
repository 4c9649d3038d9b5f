import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ErrorRow } from '../../../src/errors/fail.js'
import type { X402Error } from '../../../src/index.js'

/** A row of the catalogue, which `fail` makes an error of. */
export type CatalogueRow = Omit<ErrorRow, 'kind'> & { readonly kind: typeof X402Error }

/** Reads every row of the catalogue, with its name: those of pay402 itself, and those of the schemes. */
export async function readCatalogueRows(): Promise<readonly (readonly [name: string, row: CatalogueRow])[]> {
  const topics = readdirSync('src/errors/catalogue').map((file) => `src/errors/catalogue/${file}`)
  const schemes = readdirSync('schemes', { recursive: true, encoding: 'utf8' }).map((file) => `schemes/${file}`)
  const files = [...topics, ...schemes.filter((file) => file.endsWith('/errors.ts'))]
  const all = await Promise.all(files.map(async (file) => Object.entries<unknown>(await import(resolve(file)))))
  return all.flat().filter((entry): entry is [string, CatalogueRow] => isRow(entry[1]))
}

function isRow(value: unknown): value is CatalogueRow {
  return typeof value === 'object' && value !== null && 'code' in value && 'kind' in value
}
