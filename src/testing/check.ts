import { isX402Error, type MoneyState, X402Error } from '../errors/x402-error.js'
import { findDifference, showValue } from './value.js'

/** Codes of {@link ContractError}. */
export type ContractErrorCode =
  /**
   * A case of `ledgerContract` failed. The message names it, what was expected, what was found, and what that would
   * cost a buyer; `error.cause` is what the ledger threw, if it shouldn't have thrown. See [A ledger of your
   * own](guides/own-ledger.md). Money: `untouched`.
   */
  'CONTRACT_BROKEN'

/**
 * An implementation doesn't do what its port promises. The message names the case, what was expected, what was found, and what that
 * would cost a buyer; `cause` is what the implementation threw when it shouldn't have.
 */
export class ContractError extends X402Error<ContractErrorCode> {
  static override readonly kind: string = 'ContractError'
}

/** Compares what was found with what a contract promises, and throws a {@link ContractError} for any difference. */
export type Check = {
  /** Compares deeply; a member that is `undefined` is the same as none. */
  equal(found: unknown, expected: unknown): void
  /** Compares as {@link Check.equal} does, but objects may have more members. */
  matches(found: unknown, expected: unknown): void
  /** Asserts that a step fails with this error of ours. */
  rejects(work: () => Promise<unknown>, expected: ExpectedError): Promise<void>
  /** The same check, whose errors have these facts, too. */
  with(facts: Readonly<Record<string, string>>): Check
  /** Makes the error of a broken promise, for the caller to throw. */
  failure(expected: string, found: string): ContractError
  /** Makes a {@link ContractError} of anything that was thrown when nothing should have been; one that already is stays the same. */
  toFailure(thrown: unknown): ContractError
}

/** What is compared in an error; its `money` only if that is named. */
export type ExpectedError = { readonly name: string; readonly code: string; readonly money?: MoneyState | undefined }

/** What is promised. */
export type Promised = {
  readonly name: string
  /** What it costs a buyer if it is broken. */
  readonly why: string
  /** More facts for the message, such as how to reproduce it. */
  readonly facts?: Readonly<Record<string, string>> | undefined
}

/**
 * Creates the assertions of one case, so that a suite needs none of a runner.
 *
 * @param subject - What makes the promise, such as `The ledger`.
 * @param promised - The case; its name and its reason are told with what differs.
 */
export function createCheck(subject: string, { name, why, facts }: Promised): Check {
  function fail(found: Readonly<Record<string, string | undefined>>, cause?: { cause: unknown }): ContractError {
    return new ContractError(`${subject} doesn't hold its contract: ${name}.`, {
      code: 'CONTRACT_BROKEN',
      money: 'untouched',
      facts: { ...found, ...facts },
      hint: why,
      ...cause,
    })
  }

  function compare(found: unknown, expected: unknown, extra: 'allowed' | 'refused'): void {
    const difference = findDifference(found, expected, extra)
    if (difference === undefined) return
    throw fail({
      at: difference.at || undefined,
      expected: showValue(difference.expected),
      found: showValue(difference.found),
    })
  }

  return {
    equal: (found, expected) => compare(found, expected, 'refused'),
    matches: (found, expected) => compare(found, expected, 'allowed'),
    async rejects(work, expected) {
      const rejected = await work().then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      )
      const wanted = showError(expected, expected.money)
      if (rejected === undefined) throw fail({ expected: wanted, found: 'no error' })
      const { thrown } = rejected
      if (!isX402Error(thrown)) throw fail({ expected: wanted, found: showValue(thrown) }, { cause: thrown })
      const found = showError(thrown, expected.money && thrown.money)
      if (found !== wanted) throw fail({ expected: wanted, found }, { cause: thrown })
    },
    with: (more) => createCheck(subject, { name, why, facts: { ...facts, ...more } }),
    failure: (expected, found) => fail({ expected, found }),
    toFailure(thrown) {
      if (thrown instanceof ContractError) return thrown
      return fail({ expected: 'no error', found: showValue(thrown) }, { cause: thrown })
    },
  }
}

function showError({ name, code }: Pick<X402Error, 'name' | 'code'>, money: MoneyState | undefined): string {
  return money === undefined ? `${name} ${code}` : `${name} ${code}, and the money is ${money}`
}
