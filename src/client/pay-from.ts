import {
  NO_ACCOUNT_NAMED,
  NO_LIST_OF_SCHEMES,
  SCHEME_WITHOUT_PAYER,
  SCHEMES_OF_ONE_ACCOUNT,
  SCHEMES_OF_SEVERAL_KINDS,
} from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import type { Funding, SchemeNetworkClient, TokenAllowance } from '../payment/scheme.js'
import { isSameAddress, toAddressKey } from '../wire/address.js'
import { isSameJson } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** Says who pays, by answering one of `payers`: the accounts that can sign these terms, in the order in which they were given. */
export type PayerRule = (requirements: PaymentRequirements, payers: readonly string[]) => string | Promise<string>

/**
 * Makes one scheme of several, each with an account of its own, and a rule for which of them pays.
 *
 * The rule is asked once for a payment, before anybody approves it; who approves is shown the account. A payment whose answer was
 * lost is presented again from the account that made it, whatever the rule says by then.
 *
 * @example
 * ```ts
 * import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
 *
 * const savings = privateKeyToAccount(generatePrivateKey())
 * const scheme = payFrom([new ExactEvmScheme(account), new ExactEvmScheme(savings)], {
 *   pays: ({ amount }, [daily = '', large = '']) => (BigInt(amount) < 1_000_000n ? daily : large),
 * })
 * new x402Client().register('eip155:*', scheme)
 * ```
 *
 * @param accounts - Schemes of the same kind. One from elsewhere needs its `payer` written next to it.
 * @param options - See {@link payFrom.Options}.
 * @returns A scheme for `register`.
 * @throws {@link ConfigurationError} `INVALID_SCHEME` when the accounts can't be told apart, `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export function payFrom(
  accounts: readonly [SchemeNetworkClient, ...SchemeNetworkClient[]],
  options: payFrom.Options = {},
): SchemeNetworkClient {
  assertOptions(options, 'payFrom', ['pays'])
  const { pays = 'funded' } = options
  if (pays !== 'funded' && typeof pays !== 'function') throw invalidOption('pays', "a function or 'funded'")
  assertAccounts(accounts)
  const [first] = accounts
  const own = Object.freeze([...accounts])
  return Object.freeze({
    scheme: first.scheme,
    accounts: own,
    createPaymentPayload: async (...asked: Parameters<SchemeNetworkClient['createPaymentPayload']>) => {
      const chosen = await choose(own, pays, asked[1])
      return chosen.createPaymentPayload(...asked)
    },
    choosePayer: (requirements: PaymentRequirements) => choose(own, pays, requirements),
    ...(own.every(({ refuse }) => refuse !== undefined) && {
      // Whoever can sign may; which of them does is the rule's to say.
      refuse(...asked: Parameters<NonNullable<SchemeNetworkClient['refuse']>>) {
        const reasons = own.map((one) => one.refuse?.(...asked))
        return reasons.includes(undefined) ? undefined : reasons[0]
      },
    }),
    findDefaultAsset: (...asked: Parameters<NonNullable<SchemeNetworkClient['findDefaultAsset']>>) =>
      first.findDefaultAsset?.(...asked),
    findAssetBySymbol: (...asked: Parameters<NonNullable<SchemeNetworkClient['findAssetBySymbol']>>) =>
      first.findAssetBySymbol?.(...asked),
    // Whoever pays is held to its own list; until that is known, any of these may be signed.
    listAllowances: (...asked: Parameters<NonNullable<SchemeNetworkClient['listAllowances']>>) =>
      own.flatMap((one) => one.listAllowances?.(...asked) ?? []).filter(isNew),
    explorerUrl: (...asked: Parameters<NonNullable<SchemeNetworkClient['explorerUrl']>>) =>
      first.explorerUrl?.(...asked),
    canReconcile: (...asked: Parameters<NonNullable<SchemeNetworkClient['canReconcile']>>) =>
      own.every((one) => one.canReconcile?.(...asked) === true),
    canAskChain: own.every(({ canAskChain, canReconcile }) => canReconcile !== undefined && canAskChain !== false),
    async readFunding(requirements: PaymentRequirements): Promise<Funding> {
      const fundings = await readFundings(own, requirements)
      return (['enough', 'unknown'] as const).find((one) => fundings.includes(one)) ?? 'short'
    },
  })
}

export declare namespace payFrom {
  /** Options of {@link payFrom}. */
  type Options = {
    /**
     * Who pays: `'funded'` for the first account that is known to hold enough, else the first of which that isn't known; it needs schemes
     * that were given an RPC. Or a function of yours.
     *
     * @default 'funded'
     */
    pays?: PayerRule | 'funded' | undefined
  }
}

function isNew(allowance: TokenAllowance, index: number, all: readonly TokenAllowance[]): boolean {
  return all.findIndex((one) => isSameJson(one, allowance)) === index
}

async function choose(
  accounts: readonly SchemeNetworkClient[],
  pays: PayerRule | 'funded',
  requirements: PaymentRequirements,
): Promise<SchemeNetworkClient> {
  const able = accounts.filter((one) => one.refuse?.(requirements) === undefined)
  const chosen = pays === 'funded' ? await findFunded(able, requirements) : await askRule(able, pays, requirements)
  if (chosen !== undefined) return chosen
  throw fail(NO_ACCOUNT_NAMED)
}

async function findFunded(
  accounts: readonly SchemeNetworkClient[],
  requirements: PaymentRequirements,
): Promise<SchemeNetworkClient | undefined> {
  const fundings = await readFundings(accounts, requirements)
  const places = [fundings.indexOf('enough'), fundings.indexOf('unknown'), 0]
  return accounts[places.find((place) => place >= 0) ?? 0]
}

async function askRule(
  accounts: readonly SchemeNetworkClient[],
  pays: PayerRule,
  requirements: PaymentRequirements,
): Promise<SchemeNetworkClient | undefined> {
  const payers = accounts.flatMap(({ payer }) => payer ?? [])
  const answer: unknown = await pays(requirements, payers)
  return accounts.find(({ payer }) => typeof answer === 'string' && payer !== undefined && isSameAddress(payer, answer))
}

function readFundings(accounts: readonly SchemeNetworkClient[], requirements: PaymentRequirements): Promise<Funding[]> {
  // A reading that fails says nothing about the balance.
  const read = async (one: SchemeNetworkClient) => (await one.readFunding?.(requirements)) ?? 'unknown'
  return Promise.all(accounts.map((one) => read(one).catch(() => 'unknown' as const)))
}

function assertAccounts(accounts: readonly SchemeNetworkClient[]): void {
  const isList = Array.isArray(accounts) && accounts.length > 0
  if (!isList || !accounts.every((one) => typeof one?.createPaymentPayload === 'function')) {
    throw fail(NO_LIST_OF_SCHEMES)
  }
  const payers = accounts.map(({ payer }) => payer && toAddressKey(payer))
  if (payers.includes(undefined)) throw fail(SCHEME_WITHOUT_PAYER)
  if (new Set(payers).size < payers.length) throw fail(SCHEMES_OF_ONE_ACCOUNT)
  if (new Set(accounts.map(({ scheme }) => scheme)).size > 1) throw fail(SCHEMES_OF_SEVERAL_KINDS)
}
