// What React Native brings, where the bare engine has none of it: the same packages, or the plainest thing that does.
import { AbortController, AbortSignal } from 'abort-controller/dist/abort-controller.mjs'
import { Headers, Request, Response } from 'whatwg-fetch'

class FormData {}

Object.assign(globalThis, { global: globalThis, AbortController, AbortSignal, FormData, Headers, Request, Response })
globalThis.queueMicrotask = (callback) => void Promise.resolve().then(callback)
globalThis.console = { log: print, warn: print, error: print, assert: () => undefined }

// The engine's own timers don't wait. These pass the time whenever nothing else is left to do, and whoever is due first comes first.
const { setTimeout: soon } = globalThis
const waiting = new Map()
let now = 0
let ids = 0
globalThis.performance = { now: () => now }
globalThis.clearTimeout = (id) => void waiting.delete(id)
globalThis.setTimeout = (callback, milliseconds = 0) => {
  ids += 1
  waiting.set(ids, { callback, at: now + milliseconds })
  soon(runNext)
  return ids
}
globalThis.setImmediate = (callback) => globalThis.setTimeout(callback, 0)

function runNext() {
  const [next] = [...waiting].sort(([one, first], [other, second]) => first.at - second.at || one - other)
  if (next === undefined) return
  const [id, { callback, at }] = next
  waiting.delete(id)
  now = at
  callback()
}
