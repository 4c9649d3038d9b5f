/** A door in a test's story: one side waits, the other opens. */
export type Gate = { readonly passed: Promise<void>; open(): void }

/** Creates a gate that is shut. */
export function createGate(): Gate {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
