import { authorizationTypes } from '@x402/evm'
import { verifyTypedData } from 'viem'
import { z } from 'zod'
import { account } from '../../support/create-buyer.js'
import { PAY_TO, USDC } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'
import { type Project, placeScenario } from './install-project.js'
import { installRuntime } from './install-runtime.js'
import { openShop } from './open-shop.js'
import { runScenario, type Told } from './run-scenario.js'
import { mustLoad, type Runtime } from './runtimes.js'
import { type LedgerShown, showLedger } from './show-ledger.js'
import { type Seen, situations, toPath } from './situations.js'

/** What was shown on one runtime: its own word, and what reached the sellers. */
export type Shown = Told & {
  readonly seen: Readonly<Record<string, Seen>>
  /** Payments that reached another origin. */
  readonly strayed: number
  /** Payments that the buyer's account has not signed, or not for the seller. */
  readonly forged: number
  /** Where the runtime has files. */
  readonly ledger: LedgerShown | undefined
}

/** Runs everything on one runtime, which is installed first. */
export async function showRuntime(runtime: Runtime, project: Pick<Project, 'folder' | 'entries'>): Promise<Shown> {
  const { way } = runtime
  const program = runtime.package && (await installRuntime(runtime.package))
  const folder = await placeScenario(
    project.folder,
    runtime.name,
    project.entries.filter((entry) => mustLoad(runtime, entry)),
  )
  const shop = await openShop()
  try {
    const names = situations.map(({ name }) => name)
    const told = await runScenario({ way, program, folder, seller: shop.url, situations: names })
    const seen = Object.fromEntries(names.map((name) => [name, count(shop.requestsTo(toPath(name)))]))
    const paid = names.flatMap((name) => shop.requestsTo(name)).filter(({ payment }) => payment !== undefined)
    const isSigned = await Promise.all(paid.map(isSignedForSeller))
    const ledger = way.kind === 'command line' ? await showLedger(program ?? '', way.beforeLedger, folder) : undefined
    return { ...told, seen, strayed: shop.strayed().length, forged: isSigned.filter((is) => !is).length, ledger }
  } finally {
    await shop.stop()
  }
}

function count(requests: readonly SellerRequest[]): Seen {
  const payments = requests.flatMap(({ payment }) => (payment === undefined ? [] : [JSON.stringify(payment.payload)]))
  return { requests: requests.length, payments: payments.length, authorizations: new Set(payments).size }
}

const hex = z.string().transform((text): `0x${string}` => `0x${text.slice(2)}`)
const Payload = z.object({
  signature: hex,
  authorization: z.object({
    from: hex,
    to: z.literal(PAY_TO),
    value: z.literal('10000').transform(BigInt),
    validAfter: z.string().transform(BigInt),
    validBefore: z.string().transform(BigInt),
    nonce: hex,
  }),
})

/** By the field's own types, and the domain of the token that was asked for. */
async function isSignedForSeller({ payment }: SellerRequest): Promise<boolean> {
  const { success, data } = Payload.safeParse(payment?.payload)
  if (!success) return false
  return verifyTypedData({
    address: account.address,
    domain: { name: 'USDC', version: '2', chainId: 84532, verifyingContract: USDC },
    types: authorizationTypes,
    primaryType: 'TransferWithAuthorization',
    message: data.authorization,
    signature: data.signature,
  })
}
