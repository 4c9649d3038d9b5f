import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { AuthCaptureEvmScheme } from '@x402/evm/auth-capture/client'
import { BatchSettlementEvmScheme, InMemoryClientChannelStorage } from '@x402/evm/batch-settlement/client'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import { ExactSvmSchemeV1 } from '@x402/svm/exact/v1/client'
import fc from 'fast-check'
import type { SchemeNetworkClient, x402Client } from '../../../src/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createWatchedAccount, takingsOf } from './create-watched-account.js'
import { drawEvmOffer, drawSvmOffer, type Offer, toV1 } from './offers.js'
import { readTransfers } from './read-transfers.js'

/** An offer, and a client's object that is shown it. */
export type Showing = {
  readonly offer: Offer
  register(client: x402Client): x402Client
  /** What anyone can take with what the object signed, once they hold the payload: the test's own reading. */
  takenBy(payload: unknown): bigint
}

/** An object of the official packages, and what sellers may show it. */
export type OfficialObject = { readonly name: string; draw(rpcUrl: string): Promise<fc.Arbitrary<() => Showing>> }

type Signer = ReturnType<typeof createWatchedAccount>['signer']

/** A case makes an object of its own, so that a case which is tried again meets no leftovers. */
function showEvm(offer: Offer, put: (client: x402Client, signer: Signer) => x402Client, chargedBefore = 0n): Showing {
  const { signer, signed } = createWatchedAccount()
  return {
    offer,
    register: (client) => put(client, signer),
    takenBy: (payload) => (payload === undefined ? 0n : takingsOf(signed, chargedBefore)),
  }
}

function evmObject(name: string, scheme: string, create: (signer: Signer) => SchemeNetworkClient): OfficialObject {
  return {
    name,
    draw: async () =>
      drawEvmOffer(scheme).map(
        (offer) => () => showEvm(offer, (client, signer) => client.register('eip155:*', create(signer))),
      ),
  }
}

const batchSettlement: OfficialObject = {
  name: 'BatchSettlementEvmScheme',
  async draw() {
    const units = fc.bigInt({ min: 0n, max: 10n ** 8n })
    const channels = fc.option(fc.record({ balance: units, chargedCumulativeAmount: units }), { nil: undefined })
    const policies = fc.option(fc.record({ depositMultiplier: fc.integer({ min: 3, max: 50 }) }), { nil: undefined })
    const cases = fc.record({ offer: drawEvmOffer('batch-settlement'), channel: channels, depositPolicy: policies })
    return cases.map(({ offer, channel, depositPolicy }) => () => {
      const { balance = 0n, chargedCumulativeAmount = 0n } = channel ?? {}
      const known = { balance: String(balance), chargedCumulativeAmount: String(chargedCumulativeAmount) }
      const put = (client: x402Client, signer: Signer) => {
        const storage = new InMemoryClientChannelStorage()
        if (channel !== undefined) storage.get = async () => known
        const options = { storage, ...(depositPolicy !== undefined && { depositPolicy }) }
        return client.register('eip155:*', new BatchSettlementEvmScheme(signer as never, options))
      }
      return showEvm(offer, put, chargedCumulativeAmount)
    })
  },
}

function svmObject(name: 'ExactSvmScheme' | 'ExactSvmSchemeV1'): OfficialObject {
  return {
    name,
    async draw(rpcUrl) {
      const signer = await createKeyPairSignerFromPrivateKeyBytes(new Uint8Array(32).fill(0x22))
      // One object for all offers, since it asks for the mint once.
      const scheme = new ExactSvmScheme(signer, { rpcUrl })
      const old = new ExactSvmSchemeV1(signer, { rpcUrl })
      const isOld = name === 'ExactSvmSchemeV1'
      const takenBy = (payload: unknown) => readTransfers(payload, signer.address)
      const register = (client: x402Client) =>
        isOld ? client.registerV1('solana-devnet', old as never) : client.register('solana:*', scheme as never)
      return drawSvmOffer().map((offer) => () => ({
        offer: isOld ? toV1('solana-devnet')(offer) : offer,
        register,
        takenBy,
      }))
    },
  }
}

/** The objects for clients that `@x402/evm` and `@x402/svm` publish. */
export const officialObjects: readonly OfficialObject[] = [
  evmObject('ExactEvmScheme', 'exact', (signer) => new ExactEvmScheme(signer as never)),
  evmObject('UptoEvmScheme', 'upto', (signer) => new UptoEvmScheme(signer as never)),
  evmObject('AuthCaptureEvmScheme', 'auth-capture', (signer) => new AuthCaptureEvmScheme(signer as never)),
  {
    name: 'ExactEvmSchemeV1',
    draw: async () =>
      drawEvmOffer('exact').map(
        (offer) => () =>
          showEvm(toV1('base-sepolia')(offer), (client, signer) =>
            client.registerV1('base-sepolia', new ExactEvmSchemeV1(signer as never) as never),
          ),
      ),
  },
  batchSettlement,
  svmObject('ExactSvmScheme'),
  svmObject('ExactSvmSchemeV1'),
]

/** What a ledger counts of what was not released, in atomic units. */
export async function readCounted(ledger: Ledger): Promise<bigint> {
  let counted = 0n
  for await (const { state, charges, terms } of ledger.list({})) {
    if (state === 'released') continue
    counted += charges.find(({ unit }) => unit.startsWith(`${terms.network}/`))?.amount ?? 0n
  }
  return counted
}
