import { fail } from '../../../src/errors/fail.js'
import { X402Error } from '../../../src/errors/x402-error.js'
import { type Address, findTokenAccount } from '../address.js'
import { createBoundedMap } from '../bounded-map.js'
import { askFirst, type SvmCluster } from '../cluster/cluster.js'
import { type Mint, readMint } from '../cluster/mint.js'
import { readTokenAccount } from '../cluster/token-account.js'
import { RECIPIENT_ACCOUNT_MISSING } from '../errors.js'
import { TOKEN_PROGRAMS, type TokenProgram } from '../programs.js'
import { refused, type Terms } from './terms.js'

/** What every payment of one token from the buyer to one recipient has in common. */
export type Route = Mint & {
  /** The buyer's token account. */
  readonly source: Address
  /** The recipient's. */
  readonly destination: Address
}

/** Finds the route of some terms; any number of payments at once ask once, and later ones don't ask. */
export type RouteBook = (terms: Terms, clusters: readonly SvmCluster[]) => Promise<Route>

/**
 * Creates the memory of routes.
 *
 * A route is remembered once the recipient's token account was seen: mints don't change their decimals or their program.
 */
export function createRouteBook(payer: Address): RouteBook {
  const routes = createBoundedMap<Promise<Route>>()
  return (terms, clusters) => {
    const key = `${terms.network}/${terms.mint}/${terms.payTo}`
    const route = routes.get(key) ?? readRoute(terms, payer, clusters)
    routes.set(key, route)
    return route.catch((error: unknown) => {
      routes.forget(key, route)
      return replaceUnread(error, terms, payer)
    })
  }
}

/** A built-in token is known without asking: there the look at the recipient's account is a courtesy, and the payment goes on without it. */
function replaceUnread(error: unknown, { known, mint, payTo }: Terms, payer: Address): Route {
  if (!isSilence(error) || known === undefined || !('tokenProgram' in known)) throw error
  return toRoute({ program: known.tokenProgram, decimals: known.decimals }, { payer, payTo, mint })
}

function isSilence(error: unknown): boolean {
  const codes = ['RPC_FAILED', 'RPC_MISSING', 'RPC_RATE_LIMITED', 'RPC_REFUSED']
  return error instanceof X402Error && codes.includes(error.code)
}

async function readRoute(terms: Terms, payer: Address, clusters: readonly SvmCluster[]): Promise<Route> {
  const { mint, payTo, known } = terms
  // Both in one question, since the mint says only with its answer which of them it is.
  const programs = known !== undefined && 'tokenProgram' in known ? [known.tokenProgram] : TOKEN_PROGRAMS
  const destinations = programs.map((program) => findTokenAccount(payTo, program, mint))
  const [mintAccount, ...accounts] = await askFirst(clusters, (cluster) =>
    cluster.readAccounts([mint, ...destinations]),
  )
  const read = readMint(mintAccount)
  if ('problem' in read) throw refused(`asset ${read.problem}`)
  const { program, decimals } = read.value
  const place = programs.indexOf(program)
  if (place < 0 || (known !== undefined && known.decimals !== decimals)) {
    throw refused('asset is not the token that is known by its address: its program or its decimals are others')
  }
  assertPayable(accounts[place], terms, program)
  return toRoute(read.value, { payer, payTo, mint })
}

function assertPayable(account: Parameters<typeof readTokenAccount>[0], terms: Terms, program: TokenProgram): void {
  const { mint, payTo, network } = terms
  const token = readTokenAccount(account)
  if (token?.mint === mint) {
    if (token.refusal !== undefined) throw refused(`the token account of payTo ${token.refusal}`)
    return
  }
  throw fail(RECIPIENT_ACCOUNT_MISSING, {
    facts: { payTo, asset: mint, network, account: findTokenAccount(payTo, program, mint) },
  })
}

function toRoute(
  mint: Mint,
  { payer, payTo, mint: address }: { payer: Address; payTo: Address; mint: Address },
): Route {
  const [source, destination] = [payer, payTo].map((owner) => findTokenAccount(owner, mint.program, address))
  if (source === undefined || destination === undefined) throw refused('its accounts can not be found')
  return { ...mint, source, destination }
}
