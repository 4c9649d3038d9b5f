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

  /** Written when it's first wanted. */
  static toJson(value: Frozen): string {
    value.#json ??= JSON.stringify(value)
    return value.#json
  }

  static rememberJson(value: Frozen, json: string): void {
    value.#json = json
  }
}

/**
 * Freezes an object of which every child is frozen for good, or no object. For `freezeCopy` and `freezeParsed` alone, which see to that.
 *
 * Marked before it's frozen: engines are about to refuse a private field on what can't be extended.
 */
export function freezeWithFrozenChildren<T extends object>(value: T): T {
  // It's used, so that no bundler takes the constructor for one without effect.
  const marked: object = new Frozen(value)
  return Object.freeze(marked) as T // the constructor hands back what it was given
}

/** Whether a value was frozen to its leaves here, so that it is the same whenever it is looked at. Anyone else's `Object.freeze` doesn't count. */
export function isFrozenForGood(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Frozen.has(value)
}

/** Writes a value as JSON; what is frozen for good is written once. `undefined` for what JSON doesn't know. */
export function toJson(value: unknown): string | undefined {
  const isFrozen = typeof value === 'object' && value !== null && Frozen.has(value)
  return isFrozen ? Frozen.toJson(value) : JSON.stringify(value)
}

/** Keeps the text that a value was read from, for {@link toJson}. Without effect on what isn't frozen for good. */
export function rememberJson(value: object, json: string): void {
  if (Frozen.has(value)) Frozen.rememberJson(value, json)
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
