import { MAINNET_FORBIDDEN } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { type Signing, setSigningGuard } from '../payment/steps.js'
import { isNetwork } from '../wire/network.js'
import { cite } from '../wire/seller-text.js'

/** Marks a scheme whose payloads are worth nothing anywhere, so that it may stand in for one on a mainnet. */
export const SIGNS_NOTHING: unique symbol = Symbol.for('pay402.signs-nothing') as never // `Symbol.for` has no unique type of its own

/** Networks whose tokens are worth nothing. What isn't here is taken for a mainnet. */
const TEST_NETWORKS: readonly string[] = [
  // Local chains of anvil, Hardhat and Ganache
  'eip155:1337',
  'eip155:31337',
  // Sepolia, then those of Optimism, Arbitrum and Base
  'eip155:11155111',
  'eip155:11155420',
  'eip155:421614',
  'eip155:84532',
  // XDC Apothem, HyperEVM, Unichain Sepolia, Sei, Stable, Monad, Abstract
  'eip155:51',
  'eip155:998',
  'eip155:1301',
  'eip155:1328',
  'eip155:2201',
  'eip155:10143',
  'eip155:11124',
  // Mezo, Avalanche Fuji, Radius, Polygon Amoy, Arc, Celo Sepolia, SKALE on Base Sepolia
  'eip155:31611',
  'eip155:43113',
  'eip155:72344',
  'eip155:80002',
  'eip155:5042002',
  'eip155:11142220',
  'eip155:324705682',
  // Solana's devnet and testnet
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
  'stellar:testnet',
  'algorand:SGO1GKSzyE7IEPItTxCByw9x8FmnrCDe',
]

/** The latest one: lifting an older one leaves it. */
let standing: MainnetGuard | undefined

/** A guard that stands. */
export type MainnetGuard = {
  /** What was refused since the last {@link MainnetGuard.assertNone}: network and resource. */
  readonly refused: readonly string[]
  /**
   * Throws if anything was refused, also where the app caught the error; then forgets it.
   *
   * @throws {@link ConfigurationError} `MAINNET_FORBIDDEN`.
   */
  assertNone(): void
  /** Takes the guard away. */
  lift(): void
}

/**
 * Makes every client of this process refuse to sign for anything but a test network, and fails the test that tried. Call it in a setup file
 * of your runner.
 *
 * `TestScheme` signs nothing that is worth anything, so it may stand in for a scheme on a mainnet. Wallets that are called without a client of
 * this package aren't guarded.
 *
 * @example
 * ```ts
 * const guard = forbidMainnets({ afterEach: (check) => void check })
 * guard.assertNone()
 * guard.lift()
 * ```
 *
 * @param options - How to run something after each test, and networks that are yours.
 * @returns The guard, which stands until it is lifted.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function forbidMainnets(options: forbidMainnets.Options = {}): MainnetGuard {
  assertOptions(options, 'forbidMainnets', ['afterEach', 'allow'])
  const { allow = [], afterEach = Reflect.get(globalThis, 'afterEach') } = options
  if (!Array.isArray(allow) || !allow.every(isNetwork))
    throw invalidOption('allow', 'a list of networks, as CAIP-2 names them')
  if (typeof afterEach !== 'function') {
    throw invalidOption(
      'afterEach',
      "given where your runner has no global one: import it, from 'vitest' or 'node:test'",
    )
  }
  const refused: Signing[] = []
  const isAllowed = ({ network, scheme }: Signing) =>
    [...TEST_NETWORKS, ...allow].includes(network) || Reflect.get(scheme, SIGNS_NOTHING) === true
  setSigningGuard((signing) => {
    if (isAllowed(signing)) return
    refused.push(signing)
    throw toError(signing)
  })
  const guard: MainnetGuard = {
    get refused() {
      return refused.map(({ network, resource }) => `${network} ${resource}`)
    },
    assertNone() {
      const [first] = refused.splice(0)
      if (first !== undefined) throw toError(first)
    },
    lift() {
      if (standing === guard) setSigningGuard(undefined)
    },
  }
  standing = guard
  afterEach(() => guard.assertNone())
  return guard
}

export declare namespace forbidMainnets {
  /** Options of {@link forbidMainnets}. */
  type Options = {
    /** Runs a check after each test: the `afterEach` of your runner. @default the global one, as Jest has it, and vitest with `globals` */
    afterEach?: ((check: () => void) => void) | undefined
    /** Further networks that are worth nothing, such as a local cluster of Solana. @default none */
    allow?: readonly string[] | undefined
  }
}

function toError({ network, resource }: Signing) {
  return fail(MAINNET_FORBIDDEN, { words: { network: cite(network) }, facts: { resource } })
}
