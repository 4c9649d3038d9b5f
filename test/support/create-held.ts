import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Objects that nothing is meant to hold on to. */
export type Held = {
  /** Notes one, without holding it. */
  add(object: object): void
  /** How many of them are held by somebody. */
  count(): Promise<number>
  /** Whether they were counted. */
  counted(): boolean
}

/** Creates a list of objects that are only looked at. */
export function createHeld(): Held {
  const objects: WeakRef<object>[] = []
  let isCounted = false
  return {
    add: (object) => void objects.push(new WeakRef(object)),
    async count() {
      isCounted = true
      setFlagsFromString('--expose-gc')
      const collectGarbage: () => void = runInNewContext('gc')
      // A reference that was made in this turn holds its object until the next one.
      await setImmediate()
      collectGarbage()
      return objects.filter((object) => object.deref() !== undefined).length
    },
    counted: () => isCounted,
  }
}
