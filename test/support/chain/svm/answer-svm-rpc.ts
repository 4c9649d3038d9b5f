import type { Address } from 'kit8'
import { type createSvmLedger, NotTaken } from './create-svm-ledger.js'

/** A question that a node answers with an error. */
export class RpcRefusal extends Error {
  readonly code: number
  constructor(message: string, options: ErrorOptions & { code: number }) {
    super(message, options)
    this.code = options.code
  }
}

type Params = readonly unknown[]
type Config = { commitment?: string; limit?: number; before?: string; minContextSlot?: number }

/**
 * Creates the answers of a node, by method: those that pay402, the official client and the official facilitator ask for.
 *
 * @param genesisHash - In base58.
 */
export function createSvmAnswers(ledger: ReturnType<typeof createSvmLedger>, genesisHash: string) {
  /** The oldest block whose transactions the node still has. */
  let firstAvailable = 0n
  const heightAt = (config: Config | undefined) =>
    config?.commitment === 'finalized' || config?.commitment === undefined ? ledger.finalHeight : ledger.height
  const inContext = (value: unknown) => ({
    context: { slot: Number(ledger.slotOf(ledger.height)), apiVersion: '3.0.0' },
    value,
  })
  const readAccount = (address: unknown) => {
    const account = ledger.svm.getAccount(address as Address)
    if (!account.exists) return null
    return {
      data: [Buffer.from(account.data).toString('base64'), 'base64'],
      owner: account.programAddress,
      lamports: Number(account.lamports),
      executable: account.executable,
      rentEpoch: 0,
      space: account.data.length,
    }
  }
  const visible = (height: bigint) =>
    ledger.landed.filter((one) => one.height <= height && one.height >= firstAvailable)
  const statusOf = (signature: unknown) => {
    const found = ledger.landed.find((one) => one.signature === signature)
    if (found === undefined) return null
    const confirmationStatus = found.height <= ledger.finalHeight ? 'finalized' : 'confirmed'
    const status = found.err === null ? { Ok: null } : { Err: found.err }
    return {
      slot: Number(ledger.slotOf(found.height)),
      confirmations: null,
      err: found.err,
      status,
      confirmationStatus,
    }
  }

  const answers: Record<string, (params: Params) => unknown> = {
    getGenesisHash: () => genesisHash,
    getLatestBlockhash: () => {
      const { blockhash, lastValidBlockHeight } = ledger.latestBlockhash()
      return inContext({ blockhash, lastValidBlockHeight: Number(lastValidBlockHeight) })
    },
    getSlot: ([config]) => Number(ledger.slotOf(heightAt(config as Config))),
    getBlockHeight: ([config]) => Number(heightAt(config as Config)),
    getEpochInfo: ([config]) => {
      const height = heightAt(config as Config)
      const absoluteSlot = Number(ledger.slotOf(height))
      return {
        absoluteSlot,
        blockHeight: Number(height),
        epoch: 1,
        slotIndex: 0,
        slotsInEpoch: 432_000,
        transactionCount: 0,
      }
    },
    getFirstAvailableBlock: () => Number(ledger.slotOf(firstAvailable)),
    getBlock: ([slot]) => ({ blockHeight: Number(ledger.heightOf(BigInt(Number(slot)))), blockTime: 0 }),
    getAccountInfo: ([address]) => inContext(readAccount(address)),
    getMultipleAccounts: ([addresses]) => inContext((addresses as unknown[]).map(readAccount)),
    getBalance: ([address]) => inContext(Number(ledger.svm.getBalance(address as Address) ?? 0n)),
    getSignatureStatuses: ([signatures]) => inContext((signatures as unknown[]).map(statusOf)),
    getSignaturesForAddress: ([address, config]) => {
      const { limit = 1_000, before, minContextSlot = 0 } = config as Config
      if (ledger.slotOf(heightAt(config as Config)) < BigInt(minContextSlot)) {
        throw new RpcRefusal('Minimum context slot has not been reached', { code: -32_016 })
      }
      const all = visible(heightAt(config as Config))
        .filter(({ accounts }) => accounts.includes(String(address)))
        .reverse()
      const start = before === undefined ? 0 : all.findIndex(({ signature }) => signature === before) + 1
      return all.slice(start, start + limit).map(({ signature, height, err }) => ({
        signature,
        slot: Number(ledger.slotOf(height)),
        err,
        memo: null,
        blockTime: null,
        confirmationStatus: 'finalized',
      }))
    },
    getTransaction: ([signature, config]) => {
      const found = visible(heightAt(config as Config)).find((one) => one.signature === signature)
      if (found === undefined) return null
      const { signatures, height, err } = found
      return {
        slot: Number(ledger.slotOf(height)),
        blockTime: null,
        version: 0,
        transaction: { signatures, message: {} },
        meta: { err },
      }
    },
    simulateTransaction: ([wire]) => inContext({ ...ledger.simulate(String(wire)), accounts: null, returnData: null }),
    sendTransaction: ([wire]) => {
      try {
        return ledger.send(String(wire))
      } catch (error) {
        if (!(error instanceof NotTaken)) throw error
        throw new RpcRefusal(`Transaction simulation failed: ${error.message}`, { code: -32_002, cause: error })
      }
    },
  }
  return {
    answer(method: string, params: Params): unknown {
      const found = answers[method]
      if (found === undefined) throw new RpcRefusal(`Method not found: ${method}`, { code: -32_601 })
      return found(params)
    },
    /** Drops the transactions below a height, as nodes with little room do. */
    forgetBelow(height: bigint) {
      firstAvailable = height
    },
  }
}
