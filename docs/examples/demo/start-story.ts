/** Prints for a person: chapters, rows in two columns, and what was checked. */
export type Story = {
  chapter: (title: string) => void
  /** One fact; more lines than one are put under each other. */
  row: (label: string, ...lines: string[]) => void
  /** Prints that something is as it should be, or throws. */
  expect: (sentence: string, holds: boolean) => void
  /** How many expectations held. */
  readonly held: number
}

const labelWidth = 12

/** Starts a story on standard output. */
export function startStory(): Story {
  let held = 0
  let lastLabel = ''
  const print = (line = '') => process.stdout.write(`${line.trimEnd()}\n`)
  const row = (label: string, ...lines: string[]) => {
    for (const [index, line] of lines.entries()) {
      const shown = index === 0 && label !== lastLabel ? label : ''
      print(`   ${shown.padEnd(labelWidth)}${line}`)
    }
    lastLabel = label
  }
  return {
    chapter: (title) => {
      lastLabel = ''
      print(`\n${title}`)
    },
    row,
    expect: (sentence, holds) => {
      if (!holds) throw new Error(`Not as it should be: ${sentence}.`)
      held += 1
      row('checked', `✓ ${sentence}`)
    },
    get held() {
      return held
    },
  }
}
