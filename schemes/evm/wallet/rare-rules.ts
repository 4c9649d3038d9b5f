import { EXACT_PROXY, PERMIT2, UPTO_PROXY } from '../permit2/contracts.js'
import { AMOUNT, ASSET, DEADLINE, type Field, type Hold, isAddress, PAY_TO, PAYER, type Rule } from './differences.js'

/*
 * What may be signed where more is needed than a transfer by EIP-3009; loaded with the parts that ask for it.
 */

const SPENDER_PERMIT2: Hold = ['the spender', (value) => isAddress(value, PERMIT2)]
const SPENDER_EXACT: Hold = ['the spender', (value) => isAddress(value, EXACT_PROXY)]
const SPENDER_UPTO: Hold = ['the spender', (value) => isAddress(value, UPTO_PROXY)]
const FACILITATOR: Hold = [
  'who settles',
  (value, { approved }) => isAddress(value, approved.requirements.extra['facilitatorAddress']),
]
const CANCELED: Hold = [
  'the payment that is canceled',
  (value, { approved }) => 'cancels' in approved && value === approved.cancels,
]

const PERMITTED: readonly Field[] = [
  ['address', 'token', ASSET],
  ['uint256', 'amount', AMOUNT],
]

function witnessTransfer(spender: Hold): readonly Field[] {
  return [
    ['TokenPermissions', 'permitted'],
    ['address', 'spender', spender],
    ['uint256', 'nonce'],
    ['uint256', 'deadline', DEADLINE],
    ['Witness', 'witness'],
  ]
}

/** Every struct that pays through Permit2, or allows to. Sources: EIP-2612, and Permit2 as `@x402/evm` 2.27 signs it. */
export const PERMIT2_RULES: readonly Rule[] = [
  {
    scheme: 'exact',
    struct: 'PermitWitnessTransferFrom',
    contract: SPENDER_PERMIT2,
    fields: /* @__PURE__ */ witnessTransfer(SPENDER_EXACT),
    inner: {
      TokenPermissions: PERMITTED,
      Witness: [
        ['address', 'to', PAY_TO],
        ['uint256', 'validAfter'],
      ],
    },
  },
  {
    scheme: 'upto',
    struct: 'PermitWitnessTransferFrom',
    contract: SPENDER_PERMIT2,
    fields: /* @__PURE__ */ witnessTransfer(SPENDER_UPTO),
    inner: {
      TokenPermissions: PERMITTED,
      Witness: [
        ['address', 'to', PAY_TO],
        ['address', 'facilitator', FACILITATOR],
        ['uint256', 'validAfter'],
      ],
    },
  },
  {
    struct: 'Permit',
    contract: ASSET,
    fields: [
      ['address', 'owner', PAYER],
      ['address', 'spender', SPENDER_PERMIT2],
      ['uint256', 'value', AMOUNT],
      ['uint256', 'nonce'],
      ['uint256', 'deadline', DEADLINE],
    ],
    inner: {},
  },
]

/** What cancels a payment, and pays nothing. Source: EIP-3009. */
export const CANCELLATION: Rule = {
  struct: 'CancelAuthorization',
  contract: ASSET,
  fields: [
    ['address', 'authorizer', PAYER],
    ['bytes32', 'nonce', CANCELED],
  ],
  inner: {},
}
