import fc from 'fast-check'
import { USDC } from '../offers.js'

/** An entry of `accepts`. */
export type Offer = Readonly<Record<string, unknown>>

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((drawn) => `0x${Buffer.from(drawn).toString('hex')}`)
const addresses = fc.oneof(
  { weight: 8, arbitrary: hex(20) },
  fc.constantFrom(USDC, `0x${'00'.repeat(20)}`, '0x', 'nobody'),
)
const units = fc.oneof(
  fc.integer({ min: 1, max: 2_000_000 }).map(String),
  fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String),
)
/** A field that is mostly as it should be. */
const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: unknown[]) =>
  fc.oneof(
    { weight: 6, arbitrary: right as fc.Arbitrary<unknown> },
    fc.constantFrom(undefined, null, '', '-1', ...wrong),
  )

const methods = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constantFrom('eip3009', 'permit2', 'permit2', 'erc7710'),
)
const flows = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  fc.constantFrom('authorization', 'upfront', 'escrow'),
)

const evmExtra = fc.record({
  name: fc.constant('USDC'),
  version: fc.constant('2'),
  assetTransferMethod: methods,
  paymentFlow: flows,
  facilitatorAddress: fc.oneof({ weight: 6, arbitrary: hex(20) as fc.Arbitrary<unknown> }, addresses),
  receiverAuthorizer: fc.oneof({ weight: 9, arbitrary: hex(20) as fc.Arbitrary<unknown> }, addresses),
  withdrawDelay: mostly(fc.integer({ min: 900, max: 2_592_000 }), 0, 1.5, -1, 2 ** 60, '900'),
  minDeposit: fc.oneof(
    fc.constant(undefined),
    mostly(units, '0', '1e9', ' 5', '999999999999999999999999999999', 1_000_000),
    fc.bigInt({ min: 1n, max: 10n ** 30n }).map(String),
  ),
  captureAuthorizer: addresses,
  feeRecipient: addresses,
  captureDeadline: fc.constantFrom(2_000_000_000, 2_000_000_000, 0, -1, 2 ** 48, '5'),
  refundDeadline: fc.constantFrom(2_100_000_000, 2_100_000_000, 0),
  minFeeBps: fc.integer({ min: 0, max: 10_000 }),
  maxFeeBps: fc.integer({ min: 0, max: 10_000 }),
  policy: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, addresses),
  authCaptureEscrow: fc.constantFrom(
    undefined,
    undefined,
    '0xf96815976523E00e65Be8f34cA5e64b4f41EB19c',
    '0xBdEA0D1bcC5966192B070Fdf62aB4EF5b4420cff',
    `0x${'66'.repeat(20)}`,
  ),
})

/** An offer of an EVM scheme, as sellers may write it, with what each of the schemes reads. */
export function drawEvmOffer(scheme: string): fc.Arbitrary<Offer> {
  return fc
    .record({ amount: units, payTo: hex(20), maxTimeoutSeconds: fc.integer({ min: 1, max: 100_000 }), extra: evmExtra })
    .map(({ extra, ...drawn }) => ({
      scheme,
      network: 'eip155:84532',
      asset: USDC,
      ...drawn,
      extra: Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined)),
    }))
}

/** An offer of exact on Solana's devnet. */
export function drawSvmOffer(): fc.Arbitrary<Offer> {
  const recipients = fc.constantFrom(
    '9aE476sH92Vz7DMPyq5WLPkrKWivxeuTKEFKd2sZZcde',
    '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4',
  )
  const extra = fc.record({
    feePayer: fc.oneof(
      { weight: 6, arbitrary: fc.constant('HZ3Z3L1fKPXqRkMxUBkUsvXXJzWqdJzhDdcP1EydqpGk') as fc.Arbitrary<unknown> },
      fc.constantFrom(undefined, 'Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew'),
    ),
    memo: fc.oneof(fc.constant(undefined), fc.string({ maxLength: 300, unit: 'grapheme' })),
    paymentFlow: flows,
  })
  return fc
    .record({ amount: units, payTo: recipients, maxTimeoutSeconds: fc.integer({ min: 1, max: 100_000 }), extra })
    .map(({ extra: drawn, ...rest }) => ({
      scheme: 'exact',
      network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
      asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
      ...rest,
      extra: Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)),
    }))
}

/** The same offer as protocol 1 writes it. */
export function toV1(network: string): (offer: Offer) => Offer {
  return ({ amount, ...offer }) => ({
    ...offer,
    network,
    maxAmountRequired: amount,
    resource: 'https://api.example.com/report',
    description: '',
    mimeType: '',
  })
}
