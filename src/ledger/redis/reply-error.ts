import { type Reason, toRefused, toSentence, toUnreached } from '../engine/reason.js'

/** Why a step wasn't carried out; the common layer repeats what passes, and makes an error of ours of the rest. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
  /** Whether it may be asked again. */
  readonly isPassing: boolean

  constructor(message: string, isPassing: boolean) {
    super(message)
    this.isPassing = isPassing
  }
}

/** The engine says that it is too late: whoever asked has given up, and nothing was done. */
export function createLate(): ReplyError {
  return new ReplyError("it didn't answer in time", true)
}

/** The engine may have lost something, and those who know what are putting it back. */
export function createRecovering(): ReplyError {
  return new ReplyError('it was restarted or replaced, and paying goes on in about 3 s', true)
}

/** What came back isn't what the script returns. */
export function createUnreadable(): ReplyError {
  return new ReplyError('`send` resolved to something that is not the reply of Redis, as an array of texts', false)
}

/** Fewer replicas have a write than were asked for. */
export function createShort(wanted: number, found: number): ReplyError {
  return new ReplyError(`${found} of ${wanted} replicas acknowledged the write in time`, true)
}

/**
 * What Redis answers for good, by the first word: no rights, no room, a disk that can't be written, no Redis. All else passes: it loads its file, is a
 * replica or without one, moves keys, runs something else; or the connection failed.
 */
const FOR_GOOD = /^(?:ReplyError: )?-?(?:NOAUTH|WRONGPASS|NOPERM|OOM|MISCONF|WRONGTYPE|CROSSSLOT|NOPROTO|ERR)\b/

/**
 * Tells whether a command that failed may be sent again.
 *
 * @param error - What `send` rejected with.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof ReplyError) return error.isPassing
  return !(error instanceof Error && FOR_GOOD.test(error.message))
}

/**
 * Says why a command failed, in the words of Redis where it has some.
 *
 * @param error - What `send` rejected with.
 */
export function explain(error: unknown): Reason {
  if (error instanceof ReplyError) return { because: error.message }
  const sentence = toSentence(error)?.replace(/^ReplyError: |^-/, '')
  const [word = ''] = sentence?.split(' ') ?? []
  if (word === 'READONLY') return { because: 'it is a replica: connect to the primary' }
  const hint = HINTS[word]
  return isPassing(error) ? toUnreached(error, 'send') : toRefused(sentence, hint)
}

const NO_LOGIN = 'Give your client the user and the password of this Redis.'

const HINTS: Readonly<Record<string, string | undefined>> = {
  NOAUTH: NO_LOGIN,
  WRONGPASS: NO_LOGIN,
  NOPERM: 'Give its user the rights that the guide on fleets lists.',
  OOM: 'Give Redis more memory. Nothing is paid until it can write again.',
  MISCONF: 'Look at the disk of Redis. Nothing is paid until it can write again.',
}
