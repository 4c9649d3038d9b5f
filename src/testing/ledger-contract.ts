import { assertOptions, invalidOption } from '../errors/options.js'
import type { Ledger } from '../payment/ledger.js'
import { createCheck } from './check.js'
import { bought, boughtAfterACrash, boughtBeside } from './ledger/cases/bought.js'
import { claims } from './ledger/cases/claims.js'
import { counting } from './ledger/cases/counting.js'
import { crashes, crashesBeside } from './ledger/cases/crashes.js'
import { facts } from './ledger/cases/facts.js'
import { falls, fallsOfCrashes, fallsOfPairs } from './ledger/cases/falls.js'
import { lists } from './ledger/cases/lists.js'
import { months, monthsOfPairs } from './ledger/cases/months.js'
import { notes } from './ledger/cases/notes.js'
import { pairs } from './ledger/cases/pairs.js'
import { purchases } from './ledger/cases/purchases.js'
import { refusals } from './ledger/cases/refusals.js'
import { register } from './ledger/cases/register.js'
import { replies } from './ledger/cases/replies.js'
import { createReservations } from './ledger/cases/reservations.js'
import { scopes } from './ledger/cases/scopes.js'
import { createWindows } from './ledger/cases/windows.js'
import { createHistories } from './ledger/model/histories.js'
import { type LedgerCase, type LedgerPorts, type Opening, runSession } from './ledger/session.js'

/**
 * Makes the cases that any ledger must pass, for any test runner: `for (const { name, run } of ledgerContract(open)) it(name, run)`.
 *
 * They need no particular runner, no other package and no Node: they run in vitest, node:test, Jest, Bun and in a page. The ledgers of this
 * package pass the same cases. Each case opens its own ledgers and closes them, so they can run in any order.
 *
 * @example
 * ```ts
 * import { createMemoryLedger } from 'pay402/ledger'
 *
 * const cases = ledgerContract((ports) => createMemoryLedger(ports), { histories: 10, payments: 100 })
 * for (const { name, run } of cases) await run()
 * cases[0]?.name //=> 'reserve: lets through what a cap allows, to the last unit'
 * ```
 *
 * @param open - Opens an empty ledger on these ports, with a store of its own.
 * @param options - How much is tried, how a second handle is opened, how a handle is broken, and how ledgers are closed.
 * @returns The cases, each with its own name. `run` rejects with a {@link ContractError} that names what was expected, what was found,
 *   and what that would cost a buyer.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`, before any case runs.
 */
export function ledgerContract<L extends Ledger>(
  open: (ports: ledgerContract.Ports) => L | Promise<L>,
  options: ledgerContract.Options<L> = {},
): readonly ledgerContract.Case[] {
  assertContractOptions(open, options)
  const { seed = 402, histories = 100, payments = 1000, openAgain, crash, disturb, close = closeIfItCan } = options
  const opening: Opening<L> = { open, openAgain, crash, disturb, close }
  const draw = (count: 1 | 2, doCrash: boolean) => createHistories(seed, histories, { count, crash: doCrash })
  const cases: readonly LedgerCase[] = [
    ...createReservations(payments),
    ...counting,
    ...scopes,
    ...createWindows(payments),
    ...falls,
    ...months,
    ...notes,
    ...facts,
    ...claims,
    ...purchases,
    ...bought,
    ...refusals,
    ...register,
    ...lists,
    ...draw(1, false),
    ...(disturb === undefined ? [] : replies),
    ...(crash === undefined ? [] : [...crashes, ...fallsOfCrashes, ...boughtAfterACrash, ...draw(1, true)]),
    ...(openAgain === undefined
      ? []
      : [...pairs, ...fallsOfPairs, ...monthsOfPairs, ...boughtBeside, ...draw(2, false)]),
    ...(openAgain === undefined || crash === undefined ? [] : [...crashesBeside, ...draw(2, true)]),
  ]
  return cases.map((one) => ({
    name: one.name,
    run: () => runSession(opening, createCheck('The ledger', one), one.run),
  }))
}

export declare namespace ledgerContract {
  /** What a ledger is opened on. It must get the time from `clock` alone, or the cases about windows fail. */
  type Ports = LedgerPorts

  /** One case. */
  type Case = {
    /** A sentence; no two cases have the same. */
    readonly name: string
    /** Rejects with a {@link ContractError} if the ledger doesn't do what the name says. */
    readonly run: () => Promise<void>
  }

  /** How the contract is run. */
  type Options<L extends Ledger = Ledger> = {
    /** Decides the random histories: the same seed tries the same ones everywhere. @default 402 */
    seed?: number | undefined
    /** How many random histories of each kind are compared with a model of the ledger; ten of them are a case. @default 100 */
    histories?: number | undefined
    /**
     * How many payments the largest cases make, 100 or more; one of them makes twice as many in a row. Fewer for a ledger that
     * waits for a network.
     *
     * @default 1000
     */
    payments?: number | undefined
    /**
     * Opens a second handle on the store of a ledger, as another tab or another machine would, on ports of its own. Adds the cases in
     * which two handles race.
     *
     * @default there is only one handle
     */
    openAgain?: ((ledger: L, ports: Ports) => L | Promise<L>) | undefined
    /**
     * Takes a handle away as if its process had died: nothing is closed or waited for. Opens another one on the same store, on ports with the
     * same clock, as the next process would; if yours waits before it takes the first for dead, advance that clock. Adds the cases about what
     * a crash leaves behind.
     *
     * @default handles never crash
     */
    crash?: ((ledger: L, ports: Ports) => L | Promise<L>) | undefined
    /**
     * Returns a handle on the same store whose next step is carried out and then rejects, as when a connection breaks before the reply. Adds
     * the cases in which the step is done again.
     *
     * @default no reply is ever lost
     */
    disturb?: ((ledger: L) => L | Promise<L>) | undefined
    /** Closes a ledger after its case, and deletes what it stored. @default `ledger.close()`, if it has one */
    close?: ((ledger: L) => void | Promise<void>) | undefined
  }
}

async function closeIfItCan(ledger: Ledger): Promise<void> {
  if ('close' in ledger && typeof ledger.close === 'function') await ledger.close()
}

const FUNCTIONS = {
  openAgain: 'a function that opens a second handle',
  crash: 'a function that takes a handle away and opens another',
  disturb: 'a function that loses the next reply of a handle',
  close: 'a function that closes a ledger',
}

function assertContractOptions(open: unknown, options: unknown): void {
  if (typeof open !== 'function') throw invalidOption('open', 'a function that opens a ledger')
  assertOptions(options, 'ledgerContract', ['seed', 'histories', 'payments', ...Object.keys(FUNCTIONS)])
  const { seed = 0, histories = 0, payments = 100 } = options
  if (!Number.isSafeInteger(seed)) throw invalidOption('seed', 'a whole number')
  if (!Number.isSafeInteger(histories) || Number(histories) < 0) throw invalidOption('histories', 'a whole number')
  if (!Number.isSafeInteger(payments) || Number(payments) < 100) {
    throw invalidOption('payments', 'a whole number, 100 or more')
  }
  for (const [name, must] of Object.entries(FUNCTIONS)) {
    if (!['function', 'undefined'].includes(typeof options[name])) throw invalidOption(name, must)
  }
}
