import { isX402Error } from '../errors/x402-error.js'
import { toSellerText } from '../wire/seller-text.js'

/**
 * What a hook or an extension threw, to be put at the end of a sentence: its words in parentheses, on one line, bounded, and without anything that
 * looks like a signature or a key. Empty when it says nothing.
 */
export function toThrownText(thrown: unknown): string {
  const text = toSellerText(readMessage(thrown))
  return text === undefined ? '' : ` (${text})`
}

/** Anything can be thrown, and reading some of it throws. */
function readMessage(thrown: unknown): unknown {
  try {
    if (isX402Error(thrown)) return thrown.shortMessage
    return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : thrown
  } catch {
    return undefined
  }
}
