/** Hands back what it's given, so that the class below writes its private field on that object, which is no instance of it. */
class Given {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the only way to mark an object so that nobody else can
    return value
  }
}

/**
 * The mark of what was frozen to its leaves here. It can be neither seen nor forged: a private field is written by this class alone,
 * isn't copied along, and isn't found behind a proxy. To put it on costs a tenth of what a `WeakSet` does, and nothing when it is collected.
 */
class Frozen extends Given {
  // biome-ignore lint/style/useReadonlyClassProperties: written below, on a value that has the field
  #json: string | undefined

  static has(value: object): value is Frozen {
    return #json in value
  }

  static mark(value: object): object {
    return new Frozen(value)
  }

  static read(value: Frozen): string | undefined {
    return value.#json
  }

  static write(value: Frozen, json: string): void {
    value.#json = json
  }
}

/** How frozen objects are marked, and what is kept of each: its JSON, once that is wanted. */
type Marks = {
  mark(value: object): object
  has(value: object): boolean
  read(value: object): string | undefined
  write(value: object, json: string): void
}

/**
 * Builds for phones make a private field a plain property with a name that is easily guessed, so that a seller could write it. There a table
 * does instead.
 */
function chooseMarks(): Marks {
  if (Object.getOwnPropertyNames(Frozen.mark({})).length === 0) return Frozen as Marks // `read` and `write` are asked only of what `has` found
  const table = new WeakMap<object, string | undefined>()
  return {
    mark(value) {
      table.set(value, undefined)
      return value
    },
    has: (value) => table.has(value),
    read: (value) => table.get(value),
    write: (value, json) => void table.set(value, json),
  }
}

const marks = /* @__PURE__ */ chooseMarks()

/**
 * Freezes an object of which every child is frozen for good, or no object. For `freezeCopy` and `freezeParsed` alone, which see to that.
 *
 * Marked before it's frozen: engines are about to refuse a private field on what can't be extended.
 */
export function freezeWithFrozenChildren<T extends object>(value: T): T {
  // What comes back is used, so that no bundler takes the constructor for one without effect.
  return Object.freeze(marks.mark(value)) as T // the same object
}

/** Whether a value was frozen to its leaves here, so that it is the same whenever it is looked at. Anyone else's `Object.freeze` doesn't count. */
export function isFrozenForGood(value: unknown): boolean {
  return typeof value === 'object' && value !== null && marks.has(value)
}

/** Writes a value as JSON; what is frozen for good is written once. `undefined` for what JSON doesn't know. */
export function toJson(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !marks.has(value)) return JSON.stringify(value)
  const known = marks.read(value)
  if (known !== undefined) return known
  const json = JSON.stringify(value)
  marks.write(value, json)
  return json
}

/** Keeps the text that a value was read from, for {@link toJson}. Without effect on what isn't frozen for good. */
export function rememberJson(value: object, json: string): void {
  if (marks.has(value)) marks.write(value, json)
}

/**
 * Answers a pure function of an object, which is asked once for each object that is frozen for good. Every other is read each time, since it
 * may have changed.
 *
 * @param read - Depends on nothing but the object, and gives what nobody can change.
 */
export function oncePerFrozen<Key extends object, Value>(read: (value: Key) => Value): (value: Key) => Value {
  const known = new WeakMap<object, Value>()
  return (value) => {
    const remembered = known.get(value)
    if (remembered !== undefined) return remembered
    const answer = read(value)
    if (isFrozenForGood(value)) known.set(value, answer)
    return answer
  }
}
