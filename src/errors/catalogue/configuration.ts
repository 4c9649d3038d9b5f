import { ConfigurationError } from '../x402-error.js'

/**
 * @page There is no such option. A misspelled limit would be no limit, so it is refused. The message lists the
 * options that exist.
 */
export const UNKNOWN_OPTION = {
  code: 'UNKNOWN_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `{option}` is unknown.',
  hint: 'Known are: {known}.',
} as const

/**
 * @page An option has a value that isn't valid. The message names the option and what it must be.
 *
 * A wrapper also throws this when you give it a client of `@x402/core`, or a wallet, as `x402-fetch` and `x402-axios`
 * 1.x took it. The message has the lines to write instead; [Migrating](migrating-from-x402.md) shows more.
 */
export const INVALID_OPTION = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `{option}` must be {must}.',
} as const

/** `approveAbove` says from which price someone is asked, and no one is there to be asked. */
export const NO_ONE_TO_ASK = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `{where}.approveAbove` needs `{where}.approve`.',
  hint: "Say who is asked: a function, or 'later' for someone at a desk. For the tools of an agent, give `approveAbove` to `createPaymentTools`.",
} as const

/** The header of a 402 is much longer than an id, and may be anything: it isn't printed. */
export const TERMS_NOT_DECODED = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The text that `begin` was given is no id of a payment.',
  hint: 'A text is the id of a payment. Decode terms first: `decodePaymentRequiredHeader(text)`.',
} as const

/**
 * @page Write money as text, never as a JavaScript number: `'$0.10'`, `'0.10 USDC'`, or atomic units with their
 * asset.
 */
export const INVALID_MONEY = {
  code: 'INVALID_MONEY',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `{option}` must be an amount of money, and is {is}.',
  hint: "Write dollars as '$0.10', a token as '0.10 USDC', or atomic units as { network, asset, amount: '100000' }.",
} as const

export const INVALID_PREFERENCES = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `prefer` has a value that means nothing.',
  hint: "`networks` and `assets` are lists of strings, `cheapest` is 'same-network' or 'anywhere', `funded` a boolean.",
} as const

/** @page The spend controls of `@x402/core` are called [limits](guides/limits.md) here, and include budgets. */
export const USE_LIMITS = {
  code: 'USE_LIMITS',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Spend controls are called limits here, and hold a budget too.',
  hint: "Write `limits: { perPayment: '$1' }` for `maxAmountPerPayment`, and `limits: { assets: [{ network, asset, perPayment }] }` for `allowedAssets`. See node_modules/pay402/docs/migrating-from-x402.md.",
} as const

/** A source that gives too few random bytes would soon repeat itself. */
export const RANDOM_TOO_SHORT = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  sentence: 'The random source must give {length} bytes when asked for them.',
} as const

/** What a wrapper was given doesn't fit; the hint says how to call it. */
export const WRAPPER_NEEDS = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: '`{wrapper}` needs {what}.',
} as const

export const CLIENT_OF_ANOTHER_PACKAGE = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence:
    '`{wrapper}` was given a client of another package, such as `@x402/core`, which holds no limits and keeps no ledger.',
  hint: "Import `x402Client` and `x402HTTPClient` from 'pay402', and register the same schemes; see node_modules/pay402/docs/migrating-from-x402.md.",
} as const

/** A model would spend up to the limits of the one who holds the wallet, and be shown them. */
export const CLIENT_TOO_WIDE = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence:
    "`createPaymentTools` was given the client that holds the wallet, whose limits are yours and not an agent's.",
  hint: "Pass a restricted one: `client.restrict({ total: '$2', perPayment: '$0.10', hosts: ['api.example.com'], networks: […] })`.",
} as const

export const WALLET_AS_CLIENT = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: '`{wrapper}` was given a wallet, which has no limits.',
  hint: "Pass `new x402Client().register('{family}', new {scheme}(wallet))`, with `x402Client` from 'pay402' and `{scheme}` from 'pay402/{key}'; see node_modules/pay402/docs/migrating-from-x402.md.",
} as const

/**
 * What is right depends on the protocol; the hint says it.
 *
 * @page What is registered isn't a scheme, or the network isn't one that CAIP-2 or protocol 1 can name.
 */
export const INVALID_SCHEME_NETWORK = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: "Can't register a scheme for {network}.",
} as const

export const NOT_A_SCHEME = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'What is registered for {network} is not a scheme.',
  hint: 'Pass an object with `scheme` and `createPaymentPayload`, such as `new ExactEvmScheme(account)`.',
} as const

/**
 * @page The same scheme is registered twice for one network, so one of the two would never be used. To pay from
 * several accounts, register [`payFrom([one, other])`](guides/wallets.md#several-accounts).
 */
export const DUPLICATE_SCHEME = {
  code: 'DUPLICATE_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'A scheme "{scheme}" is already registered for {network}.',
  hint: 'Register each scheme once per network. To pay from several accounts, register `payFrom([one, other])`.',
} as const

/**
 * @page `resign: 'when-proven-unspent'` needs a chain to ask, and the scheme has no RPC for the network that it is
 * registered for. Give the scheme an RPC, register it network by network, or leave out `resign`.
 */
export const CANNOT_RECONCILE = {
  code: 'CANNOT_RECONCILE',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The option `resign` needs a chain to ask, and the scheme for {network} has none.',
  hint: 'Give the scheme an RPC for the network and register it there, or leave `resign` out.',
} as const

export const NOT_READABLE = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: '`readable` takes a scheme and a function that reads its payloads.',
  hint: 'Write `readable(scheme, (payload, requirements, nowSeconds) => …)`.',
} as const

export const NO_LIST_OF_SCHEMES = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: '`payFrom` takes a list of schemes.',
  hint: 'Write `payFrom([new ExactEvmScheme(one), new ExactEvmScheme(other)])`.',
} as const

export const SCHEME_WITHOUT_PAYER = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'A scheme of `payFrom` names no payer.',
  hint: 'Add it: `Object.assign(scheme, { payer })`.',
} as const

export const SCHEMES_OF_ONE_ACCOUNT = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Two schemes of `payFrom` pay from one account.',
  hint: 'Give each account once.',
} as const

export const SCHEMES_OF_SEVERAL_KINDS = {
  code: 'INVALID_SCHEME',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The schemes of `payFrom` are of several kinds.',
  hint: 'Make one `payFrom` of each kind, and register both.',
} as const

export const NO_ACCOUNT_NAMED = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The rule that says who pays named none of the accounts that can.',
  hint: 'Return one of the addresses that it is handed, or throw to refuse the payment.',
} as const

/** @page The page has no `crypto.subtle`, so purchases can't be named. Serve it over https or from localhost. */
export const INSECURE_CONTEXT = {
  code: 'INSECURE_CONTEXT',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Refused to pay: this page is not a secure context, so the platform has no `crypto.subtle`.',
  hint: 'Serve the page over https, or from localhost.',
} as const

/**
 * Of phones above all: React Native brings only a part of what browsers have.
 *
 * @page The platform lacks what the message names, so no payment could be made. On a phone, import a polyfill for
 * each name before pay402: see [React Native](guides/react-native.md).
 */
export const PLATFORM_LACKS = {
  code: 'PLATFORM_LACKS',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'This platform lacks {missing}.',
  hint: 'Import a polyfill for each before pay402.',
} as const

/**
 * Thrown by the kit for tests alone.
 *
 * @page Only in tests that call `forbidMainnets()` of `pay402/testing`: a client was about to sign for a network that
 * isn't a known test network. See [Testing](guides/testing.md#no-mainnet-in-tests).
 */
export const MAINNET_FORBIDDEN = {
  code: 'MAINNET_FORBIDDEN',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Refused to sign for {network}: `forbidMainnets` is on, and that is not a test network.',
  hint: "Register `new TestScheme()` of 'pay402/testing', or list a network of your own in `forbidMainnets({ allow })`.",
} as const

/**
 * A page may be older than its server.
 *
 * @page pay402 loads rare parts when they are first needed, always before anything is signed. One couldn't be loaded.
 * Call again. In a page, a newer build may have replaced the files of the page: reload it.
 */
export const PART_NOT_LOADED = {
  code: 'PART_NOT_LOADED',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'A part of pay402 could not be loaded, so this call signed nothing.',
  hint: 'Call again, or reload the page if a newer build has replaced its files.',
} as const
