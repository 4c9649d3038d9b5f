import { account } from '../create-buyer.js'

type TypedData = Parameters<typeof account.signTypedData>[0]

/** One signature of the account, as far as money goes. */
export type Taking = {
  /** The struct that was signed. */
  readonly type: string
  /** What its holder can have moved, in atomic units; of a voucher, all that the channel was ever charged. */
  readonly amount: bigint
}

/** An account that signs for real and remembers what its signatures let others take: the test's own reading, not that of pay402. */
export function createWatchedAccount() {
  const signed: Taking[] = []
  return {
    signed,
    signer: {
      address: account.address,
      signTypedData(typedData: TypedData) {
        signed.push(toTaking(typedData))
        return account.signTypedData(typedData)
      },
    },
  }
}

function toTaking({ primaryType, message }: TypedData): Taking {
  const { value, permitted, maxClaimableAmount } = { ...new Object(message) } as Record<string, unknown>
  const amount = value ?? maxClaimableAmount ?? Reflect.get(new Object(permitted), 'amount')
  if (typeof amount !== 'bigint') throw new Error(`nobody knows what ${primaryType} lets others take`)
  return { type: primaryType, amount }
}

/**
 * What others can take by all of it together. A voucher on a deposit moves what the deposit put there; one alone, what it adds to what the
 * channel was charged before.
 */
export function takingsOf(signed: readonly Taking[], chargedBefore = 0n): bigint {
  let [moved, claimed] = [0n, 0n]
  for (const { type, amount } of signed) {
    if (type !== 'Voucher') moved += amount
    else if (amount - chargedBefore > claimed) claimed = amount - chargedBefore
  }
  return claimed > moved ? claimed : moved
}
