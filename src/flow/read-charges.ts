import type { Charge, Ports, Receipt } from './ports.js'
import type { Signed } from './steps.js'

/**
 * What a good receipt says was charged, where the scheme charges for use: it replaces the maximum that was reserved.
 *
 * Only `upto` charges less than was signed. A seller of `exact` that names less is not believed: the chain takes the whole.
 */
export function readCharges(receipt: Receipt, signed: Signed, ports: Ports): readonly Charge[] | undefined {
  const { requirements } = signed.presentation
  const charged = receipt.response?.amount
  if (receipt.state !== 'verified' || requirements.scheme !== 'upto' || !charged) return undefined
  const { call } = signed
  const { network, asset, payTo, scheme } = requirements
  const known = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined })?.scheme
  const assessment = call.limits.assess({
    network,
    asset,
    amount: BigInt(charged),
    payee: payTo,
    host: call.host,
    tags: call.tags,
    known: known?.findDefaultAsset?.(asset, network),
  })
  return 'charges' in assessment ? assessment.charges : undefined
}
