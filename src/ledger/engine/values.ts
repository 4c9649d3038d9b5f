import type { Value } from '../../payment/ledger.js'
import { freezeParsed, parseJson } from '../../wire/json.js'
import type { VersionedValue } from './store.js'

/** Reads a value of the register; `undefined` where there is none. It was written here, as JSON. */
export function readValue({ text }: VersionedValue): Value | undefined {
  const read = text === undefined ? { problem: 'none' } : parseJson(text)
  return 'problem' in read ? undefined : freezeParsed(read.value as Value) // whatever JSON holds is a value
}
