/**
 * Makes an element. Every text goes in as text: what a seller wrote can't become markup, and what no one would see is written out.
 *
 * @param name - Of the element.
 * @param content - Text, or elements and texts.
 */
export function create<K extends keyof HTMLElementTagNameMap>(
  name: K,
  content: string | readonly (Node | string)[] = '',
  className = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  const parts = typeof content === 'string' ? [content] : content
  element.append(...parts.map((part) => (typeof part === 'string' ? toPlain(part) : part)))
  if (className !== '') element.className = className
  return element
}

/** Makes an element for a stranger's words: letters that run from right to left stay within it, and move nothing around it. */
export function createForeign(text: string): HTMLElement {
  return create('bdi', text)
}

/** Makes a button that does one thing at a time. It keeps the focus while it's busy. */
export function createButton(label: string, className: string, act: () => Promise<void> | void): HTMLButtonElement {
  const button = create('button', label, className)
  button.type = 'button'
  button.onclick = async () => {
    if (button.ariaDisabled === 'true') return
    button.ariaDisabled = 'true'
    try {
      await act()
    } finally {
      button.ariaDisabled = 'false'
    }
  }
  return button
}

/** Finds what the page has. */
export function find<E extends HTMLElement = HTMLElement>(selector: string): E {
  const found = document.querySelector<E>(selector)
  if (found === null) throw new Error(`The page has no ${selector}.`)
  return found
}

/** Writes a span of time as a person says it: `3 min`, `2 h 5 min`. */
export function toSpan(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}

/** Shows when something was: the time of day, and the day where that isn't today. */
export function createTime(atSeconds: number, nowSeconds: number): HTMLTimeElement {
  const at = new Date(atSeconds * 1000)
  const isToday = at.toDateString() === new Date(nowSeconds * 1000).toDateString()
  const day = isToday ? {} : ({ month: 'short', day: 'numeric' } as const)
  const time = create('time', at.toLocaleString([], { ...day, hour: '2-digit', minute: '2-digit' }))
  time.dateTime = at.toISOString()
  return time
}

/** Writes out what a font shows as nothing, or what turns the text around it: `⟨U+202E⟩`. */
function toPlain(text: string): string {
  return text.replace(/[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}
