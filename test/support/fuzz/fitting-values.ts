import fc from 'fast-check'
import { PAY_TO, USDC } from '../offers.js'

/** A JSON value that nests `levels` deep. */
function nest(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** An object whose own `__proto__` would change others, as `JSON.parse` makes it. */
const poisoned: unknown = JSON.parse(
  '{"__proto__":{"amount":"1","payTo":"0x66"},"constructor":{"prototype":{}},"name":"USDC"}',
)

const numbers: readonly unknown[] = [
  ...[0, -0, 1, -1, 1.5, 10_000, 1e21, 2 ** 53, 'NaN', 'Infinity', ''],
  ...[
    '0',
    '-1',
    '1',
    '1.5',
    '1e4',
    '0x2710',
    '010000',
    ' 10000',
    '10000 ',
    '+1',
    '1_000',
    '10000\u0000',
    '10000\n',
    '１００００',
  ],
  ...['10000', '10001', '20000', '999999', '1000000', '1000001', '9'.repeat(78), '9'.repeat(20_000)],
  ...[(2n ** 256n - 1n).toString(), (2n ** 256n).toString()],
]

const addresses: readonly unknown[] = [
  ...[
    USDC,
    USDC.toLowerCase(),
    USDC.replace('0x', '0X'),
    USDC.replace('CbD', 'cbD'),
    `0x${USDC.slice(2).toUpperCase()}`,
  ],
  ...[
    PAY_TO,
    PAY_TO.toLowerCase(),
    PAY_TO.replace('afc0', 'afC0'),
    PAY_TO.slice(0, -1),
    `${PAY_TO}0`,
    ` ${PAY_TO}`,
    `${PAY_TO}\n`,
  ],
  ...[`0x${'00'.repeat(20)}`, `0x${'77'.repeat(20)}`, `0x${'77'.repeat(32)}`, 'alice.eth', '0x'],
  // USDC on Base, and the buyer.
  ...['0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913'],
  ...['0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A', '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'],
]

/** What older sellers write in the place of an address, and what looks like it. */
const symbols: readonly unknown[] = [
  ...[undefined, null, 'USDC', 'usdc', 'USDC_address', 'usdc_ADDRESS'],
  ...['', '_address', 'USDC ', 'USDC\n', '$USDC', 'USDC_address_address', 'USDT', 'USDC.e', 'ＵＳＤＣ', ['USDC']],
]

const networks: readonly unknown[] = [
  ...[
    'eip155:84532',
    'eip155:8453',
    'base-sepolia',
    'base',
    'eip155:084532',
    'eip155:84532 ',
    'eip155:84532\n',
    'eip155:*',
  ],
  ...[
    'eip155:9007199254740993',
    'EIP155:84532',
    'eip155:0x14a34',
    'eip155:',
    'atlantis',
    'solana:mainnet',
    '__proto__',
    84_532,
  ],
  // Three tokens, and one that has no EIP-3009.
  ...['eip155:42220', 'eip155:38833'],
]

const schemes: readonly unknown[] = [
  'exact',
  'EXACT',
  'exact ',
  'upto',
  'erc-3009',
  '__proto__',
  'constructor',
  ['exact'],
]
const texts: readonly unknown[] = [
  ...[
    'USDC',
    'USD Coin',
    'usdc',
    'USDC ',
    '2',
    '1',
    2,
    'permit2',
    'eip3009',
    'EIP3009',
    'authorization',
    'upfront',
    'toString',
  ],
  ...['\u0000', 'a\r\nb: c', '\u202Egnp.exe', '\uD800', '🪙'.repeat(50), 'x'.repeat(20_000)],
]
const seconds: readonly unknown[] = [
  ...[0, -0, -60, 1, 59.5, 600, 601, 604_900, 2 ** 53, 1e21],
  ...['60', '', true, [60], null, undefined],
]
const structures: readonly unknown[] = [
  ...[null, true, false, [], {}, [null], [[]], poisoned, ['10000'], { length: 1 }, nest(31), nest(33)],
]

/** What each field of a 402 is most likely to be attacked with. */
export const FITTING: Readonly<Record<string, readonly unknown[]>> = {
  amount: [...numbers, null],
  maxAmountRequired: [...numbers, null],
  asset: [...addresses, ...symbols],
  token: [...addresses, ...symbols],
  payTo: addresses,
  network: networks,
  scheme: schemes,
  maxTimeoutSeconds: seconds,
  extra: [undefined, null, {}, [], 'USDC', { name: 'USD Coin' }, { version: '2' }, poisoned, nest(30), nest(32)],
  name: [...texts, null],
  version: [...texts, null],
  decimals: [6, 18, 0, -6, 6.5, '6', null],
  assetTransferMethod: [...texts, null],
  paymentFlow: [...texts, null],
  x402Version: [1, 2, 0, 3, 1.5, '2', true, null, [2]],
}

/** Any JSON value that somebody might put where it doesn't belong. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  {
    arbitrary: fc.constantFrom(...[numbers, addresses, symbols, networks, schemes, texts, seconds, structures].flat()),
    weight: 20,
  },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 },
  { arbitrary: fc.constant<unknown>(nest(5_000)), weight: 1 },
)
