import type { CancelToken, GenericAbortSignal } from 'axios'

/** A signal of the platform's, and how to let go of what it listens to. */
export type LinkedSignal = { readonly signal: AbortSignal | undefined; unlink(): void }

/** One signal of both ways in which a call of axios can be canceled. */
export function linkSignal(config: {
  signal?: GenericAbortSignal | undefined
  cancelToken?: CancelToken | undefined
}): LinkedSignal {
  const given = config.signal === undefined ? undefined : toPlatformSignal(config.signal)
  if (config.cancelToken === undefined) return { signal: given, unlink: () => undefined }
  const { cancelToken } = config
  const controller = new AbortController()
  const cancel = (reason: unknown) => controller.abort(reason)
  cancelToken.subscribe(cancel)
  return {
    signal: given === undefined ? controller.signal : AbortSignal.any([given, controller.signal]),
    unlink: () => cancelToken.unsubscribe(cancel),
  }
}

/** Axios takes anything that looks like a signal. */
function toPlatformSignal(signal: GenericAbortSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (signal.aborted) abort()
  else signal.addEventListener?.('abort', abort)
  return controller.signal
}
