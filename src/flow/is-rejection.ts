/** How deep a cause may lie: libraries wrap what a wallet says some three times. */
const MAX_CAUSES = 10

/** "User rejected the request", of EIP-1193 and of WalletConnect. */
const CODES: readonly unknown[] = [4001, 5000, 'ACTION_REJECTED']

/** How viem names it. */
const NAMES: readonly unknown[] = ['UserRejectedRequestError']

/**
 * Whether a person said no when their wallet asked them, by what the wallet threw or by what lies under it.
 *
 * @param error - Anything: wallets throw objects of all kinds, some of which throw when they are looked at.
 */
export function isRejection(error: unknown): boolean {
  try {
    return listCauses(error).some(
      (one) => CODES.includes(Reflect.get(one, 'code')) || NAMES.includes(Reflect.get(one, 'name')),
    )
  } catch {
    return false
  }
}

/** An error and what lies under it: `cause` as JavaScript and viem write it, `info.error` and `error` as ethers and older wallets do. */
function listCauses(error: unknown): object[] {
  const found: object[] = []
  const waiting = [error]
  while (waiting.length > 0 && found.length < MAX_CAUSES) {
    const one = waiting.shift()
    if (typeof one !== 'object' || one === null || found.includes(one)) continue
    found.push(one)
    const info: unknown = Reflect.get(one, 'info')
    const told = typeof info === 'object' && info !== null ? Reflect.get(info, 'error') : undefined
    waiting.push(Reflect.get(one, 'cause'), Reflect.get(one, 'error'), told)
  }
  return found
}
