import { readFileSync } from 'node:fs'

/** One row of the guide: what it promises. */
export type Row = { readonly id: string; readonly money: string; readonly counts: string; readonly next: string }

/** Reads the table of `docs/guides/what-happens-to-my-money.md`. */
export function readRows(): Row[] {
  const page = readFileSync(new URL('../../../docs/guides/what-happens-to-my-money.md', import.meta.url), 'utf8')
  const lines = page.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) => {
    const [id = '', , money = '', counts = '', next = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim())
    return { id, money, counts, next }
  })
}
