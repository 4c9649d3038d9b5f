import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { UptoEvmScheme } from '@x402/evm/upto/facilitator'
import { createErc20ApprovalGasSponsoringExtension } from '@x402/extensions'
import { type Address, type Hex, hashTypedData, parseEther, parseTransaction, recoverTransactionAddress } from 'viem'
import type { Chain } from './create-chain.js'

/** A transaction as the official extension hands it over: signed by the buyer, or still to be sent. */
type Pending = Hex | { to: Address; data: Hex }

/**
 * Creates the official facilitator of both schemes that know Permit2, with the extension that sends approvals, settling on a chain of ours.
 */
export function createOfficialPermit2Facilitator(chain: Chain): FacilitatorClient {
  const { publicClient, facilitator: wallet, network } = chain
  const signer = toFacilitatorEvmSigner({
    address: wallet.account.address,
    // From its own account, since the contract of `upto` answers nobody else.
    readContract: (call) => publicClient.readContract({ ...call, account: wallet.account.address }),
    verifyTypedData: ({ address, signature, ...signed }) =>
      publicClient.verifyHash({ address, signature, hash: hashTypedData(signed) }),
    getCode: (of) => publicClient.getCode(of),
    waitForTransactionReceipt: (wait) => publicClient.waitForTransactionReceipt(wait),
    writeContract: wallet.writeContract,
    sendTransaction: wallet.sendTransaction,
  })
  const sponsoring = createErc20ApprovalGasSponsoringExtension({
    ...signer,
    sendTransactions: (transactions) => sendInTurn(chain, transactions),
  })
  const facilitator = new x402Facilitator()
    .register(network, new ExactEvmScheme(signer))
    .register(network, new UptoEvmScheme(signer))
    .registerExtension(sponsoring)
  return {
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => {
      const { kinds, ...rest } = facilitator.getSupported()
      return { ...rest, kinds: kinds.map((kind) => ({ ...kind, network })) }
    },
  }
}

/** What the buyer signed goes out as it is, on gas that the facilitator gives: as much as the transaction may cost, and no more. */
async function sendInTurn({ publicClient, facilitator }: Chain, transactions: readonly Pending[]): Promise<Hex[]> {
  const hashes: Hex[] = []
  for (const transaction of transactions) {
    const hash =
      typeof transaction === 'string'
        ? await relay(transaction)
        : await facilitator.sendTransaction({ to: transaction.to, data: transaction.data })
    await publicClient.waitForTransactionReceipt({ hash })
    hashes.push(hash)
  }
  return hashes

  async function relay(serializedTransaction: Hex): Promise<Hex> {
    const signed = serializedTransaction as `0x02${string}` // checked by the official facilitator before it settles
    const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(signed)
    const to = await recoverTransactionAddress({ serializedTransaction: signed })
    const fee = gas * maxFeePerGas
    if (fee > parseEther('0.1')) throw new Error('the approval costs too much gas')
    const funded = await facilitator.sendTransaction({ to, data: '0x', value: fee })
    await publicClient.waitForTransactionReceipt({ hash: funded })
    return publicClient.sendRawTransaction({ serializedTransaction })
  }
}
