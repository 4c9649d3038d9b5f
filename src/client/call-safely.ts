/** Calls a listener. It only watches: what it throws is its own affair and changes no payment. */
export function callSafely(listener: () => void): void {
  try {
    listener()
  } catch {
    // See above; there is nobody to tell but the listener itself.
  }
}
