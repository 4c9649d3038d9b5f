import type { Eip3009Payload } from '../../../../../schemes/evm/eip3009/authorization.js'

/** The authorization of a payload that must be one by EIP-3009. */
export function authorizationOf(payload: object): Eip3009Payload['authorization'] {
  if (!('authorization' in payload)) throw new Error('The payload is not one by EIP-3009.')
  return payload.authorization as Eip3009Payload['authorization'] // the scheme's own, as its type says
}
