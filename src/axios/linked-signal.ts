import type { CancelToken, GenericAbortSignal } from 'axios'
import { anySignal } from '../payment/abort.js'

/** A signal of the platform's, and how to let go of what it listens to. */
export type LinkedSignal = { readonly signal: AbortSignal | undefined; unlink(): void }

/** One signal of both ways in which a call of axios can be canceled. */
export function linkSignal({
  signal,
  cancelToken,
}: {
  signal?: GenericAbortSignal | undefined
  cancelToken?: CancelToken | undefined
}): LinkedSignal {
  const given = signal === undefined ? NONE : linkGiven(signal)
  const canceled = cancelToken === undefined ? NONE : linkToken(cancelToken)
  return {
    signal: anySignal(given.signal, canceled.signal),
    unlink() {
      given.unlink()
      canceled.unlink()
    },
  }
}

const NONE: LinkedSignal = { signal: undefined, unlink: () => undefined }

/** Axios takes anything that looks like a signal. */
function linkGiven(signal: GenericAbortSignal): LinkedSignal {
  if (signal instanceof AbortSignal) return { signal, unlink: () => undefined }
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (signal.aborted) abort()
  else signal.addEventListener?.('abort', abort)
  return { signal: controller.signal, unlink: () => void signal.removeEventListener?.('abort', abort) }
}

function linkToken(token: CancelToken): LinkedSignal {
  const controller = new AbortController()
  const cancel = (reason: unknown) => controller.abort(reason)
  token.subscribe(cancel)
  return { signal: controller.signal, unlink: () => token.unsubscribe(cancel) }
}
