import type { Figure, Figures } from './figures.js'
import { type Target, targets } from './targets.js'

const TITLES = ['what', 'now', '[quartiles]', 'A/A', '`@x402` 2.27', 'reach now', 'goal', 'reached', 'seen']

/**
 * Writes a Markdown table of all lines that were measured.
 *
 * @param figures - Lines without one are left out: their section wasn't asked for.
 */
export function writeTable(figures: Figures): string {
  const rows = targets.flatMap((target) => {
    const figure = figures[target.id]
    return figure === undefined ? [] : [writeRow(target, figure)]
  })
  return writeColumns([TITLES, ...rows])
}

/** Writes rows as a Markdown table, the first as its head. */
export function writeColumns([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const write = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(head), write(widths.map((width) => '-'.repeat(width))), ...rows.map(write)].join('\n')
}

function writeRow(target: Target, { now, official, quartiles, again, note = '' }: Figure): string[] {
  const write = (value: number | undefined) => (value === undefined ? '' : toText(value, target.unit))
  return [
    target.what,
    write(now),
    quartiles === undefined ? '' : `[${quartiles.map((value) => toText(value, undefined)).join('–')}]`,
    again === undefined ? '' : again.toFixed(2),
    official === undefined ? (target.official ?? '') : write(official),
    `≤ ${write(target.reach)}`,
    target.goal === undefined ? '' : `≤ ${write(target.goal)}`,
    isReached(target, now),
    note,
  ]
}

function isReached({ reach, goal }: Target, now: number): string {
  if (now > reach) return 'no'
  return goal !== undefined && now <= goal ? 'goal' : 'yes'
}

function toText(value: number, unit: string | undefined): string {
  if (unit === undefined) return value.toFixed(2)
  return `${value.toFixed(unit === 'kB' && value < 1000 ? 1 : 0)} ${unit}`
}
