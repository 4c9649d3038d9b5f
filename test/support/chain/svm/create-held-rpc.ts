import { createSolanaRpc } from '@solana/kit'
import type { SvmMethod, SvmRpcClient } from '../../../../schemes/svm/index.js'

/** Creates an RPC of @solana/kit whose answers a test may hold back. */
export function createHeldRpc(url: string) {
  const kit: object = createSolanaRpc(url)
  const asked: SvmMethod[] = []
  const open = new Set<Promise<unknown>>()
  let gate = Promise.resolve()
  let release: (failure?: Error) => void = () => undefined
  const ask = async (method: SvmMethod, parameters: readonly never[], options?: unknown) => {
    asked.push(method)
    await gate
    return Reflect.get(kit, method)(...parameters).send(options)
  }
  const client = new Proxy(kit, {
    get:
      (_target, method: SvmMethod) =>
      (...parameters: never[]) => ({
        send(options?: unknown) {
          const answer = ask(method, parameters, options)
          open.add(answer)
          return answer.finally(() => open.delete(answer))
        },
      }),
  })
  return {
    client: client as SvmRpcClient, // its methods are made as they are asked for
    asked: asked as readonly SvmMethod[],
    /** Gives no answer until what it returns is called; with an error, none ever to what was asked since. */
    hold(): (failure?: Error) => void {
      const held = new Promise<void>((resolve, reject) => {
        release = (failure) => (failure === undefined ? resolve() : reject(failure))
      })
      held.catch(() => undefined) // nothing need have been asked
      gate = held
      return release
    },
    /** Waits until all that was asked is answered, and taken note of. */
    async settle(): Promise<void> {
      await Promise.allSettled(open)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
