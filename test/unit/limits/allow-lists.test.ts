import { describe, expect, it } from 'vitest'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import type { AskedTerms } from '../../../src/payment/limits.js'
import { EURC, eurc, network, USDC, usdc } from './offers.js'

/** The code of the refusal; `undefined` when it's allowed. */
function refusalOf(options: LimitsOptions, terms: AskedTerms): string | undefined {
  const assessment = createLimits(options).assess(terms)
  return 'refusal' in assessment ? assessment.refusal.code : undefined
}

describe('createLimits: hosts', () => {
  it.each<[string, string[], string[]]>([
    [
      'api.example.com',
      ['api.example.com'],
      [
        'example.com',
        'a.api.example.com',
        'api.example.com:8443',
        'api.example.com.',
        'api.example.com.evil.io',
        'xapi.example.com',
      ],
    ],
    ['API.Example.COM', ['api.example.com'], ['API.example.com']],
    ['api.example.com:443', ['api.example.com'], ['api.example.com:443']],
    ['api.example.com:8443', ['api.example.com:8443'], ['api.example.com']],
    [
      '*.example.com',
      ['api.example.com', 'a.b.example.com'],
      ['example.com', 'evilexample.com', 'api.example.com:8443', 'api.example.com.evil.io'],
    ],
    ['*.example.com:8443', ['api.example.com:8443'], ['api.example.com', 'example.com:8443']],
    ['bücher.example', ['xn--bcher-kva.example'], ['bücher.example', 'bucher.example']],
    ['*.BÜCHER.example', ['a.xn--bcher-kva.example'], ['xn--bcher-kva.example']],
    ['localhost:4021', ['localhost:4021'], ['localhost', 'localhost:4022']],
    ['127.0.0.1:4021', ['127.0.0.1:4021'], ['127.0.0.1']],
    ['[::1]:4021', ['[::1]:4021'], ['[::1]']],
  ])('%s allows %o and not %o', (entry, allowed, refused) => {
    const options = { hosts: ['other.example', entry] }
    for (const host of allowed) expect(refusalOf(options, usdc(1n, { host })), host).toBeUndefined()
    for (const host of refused) expect(refusalOf(options, usdc(1n, { host })), host).toBe('HOST_NOT_ALLOWED')
  })

  it.each([
    'https://api.example.com',
    'api.example.com/',
    'user@example.com',
    'a b.example.com',
    ' a.example.com',
    '',
    '*',
    '*.',
    '*.*.example.com',
    'a.*.example.com',
    'exam%70le.com',
    'example.com:99999',
    'example.com?',
    'a\\b',
    '256.256.256.256',
    '*.stdio:weather',
    'stdio:weather/get_forecast',
    5,
    null,
  ])('error: INVALID_OPTION of %o', (entry) => {
    const create = () => Reflect.apply(createLimits, undefined, [{ hosts: ['a.example', entry] }])
    expect(create).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', money: 'untouched' }))
    expect(create).toThrow('`limits.hosts[1]` must be a host such as')
  })
})

describe('createLimits: networks', () => {
  const polygon = { network: 'eip155:137' } as const
  const solana = { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' } as const
  it.each<[LimitsOptions['networks'], Partial<AskedTerms>, boolean]>([
    [['eip155:8453'], {}, true],
    [['eip155:8453'], polygon, false],
    [['eip155:*'], polygon, true],
    [['eip155:*'], solana, false],
    [['eip155:1', 'solana:*'], solana, true],
    [['eip155:845'], {}, false],
  ])('%o, asked for %o: allowed is %o', (networks, change, isAllowed) => {
    expect(refusalOf({ networks }, usdc(1n, change))).toBe(isAllowed ? undefined : 'NETWORK_NOT_ALLOWED')
  })

  it.each(['base', '*', 'eip155:', 'eip155:*:1', '*:8453', 8453])('error: INVALID_OPTION of %o', (entry) => {
    const create = () => Reflect.apply(createLimits, undefined, [{ networks: [entry] }])
    expect(create).toThrow('`limits.networks[0]` must be a CAIP-2 network id')
  })
})

describe('createLimits: onlyPayTo', () => {
  const payTo = '0xAbC1'
  it.each<[NonNullable<LimitsOptions['onlyPayTo']>[number], Partial<AskedTerms>, boolean]>([
    ['0xABC1', { payTo }, true],
    ['0xabc1', { payTo, network: 'eip155:1' }, true],
    ['0xabc2', { payTo }, false],
    ['AbC', { payTo: 'AbC' }, true],
    ['AbC', { payTo: 'abc' }, false],
    [{ network, payTo }, { payTo: '0xabc1' }, true],
    [{ network, payTo }, { payTo, network: 'eip155:1' }, false],
    [{ network: 'eip155:*', payTo }, { payTo, network: 'eip155:1' }, true],
    [{ network, payTo }, { payTo: '0xabc2' }, false],
  ])('%o, asked for %o: allowed is %o', (entry, change, isAllowed) => {
    expect(refusalOf({ onlyPayTo: ['0x9', entry] }, usdc(1n, change))).toBe(isAllowed ? undefined : 'PAYEE_NOT_ALLOWED')
  })

  it.each<[unknown, string]>([
    ['', '`limits.onlyPayTo[0]` must be an address'],
    ['0x1 ', '`limits.onlyPayTo[0]` must be an address'],
    [5, '`limits.onlyPayTo[0]` must be an object'],
    [{ payTo: '0x1' }, '`limits.onlyPayTo[0].network`'],
    [{ network }, '`limits.onlyPayTo[0].payTo` must be an address'],
    [{ network, payTo: '0x1', host: 'a' }, '`limits.onlyPayTo[0].host` is unknown'],
  ])('error: %o is refused', (entry, message) => {
    expect(() => Reflect.apply(createLimits, undefined, [{ onlyPayTo: [entry] }])).toThrow(message)
  })
})

describe('createLimits: onlyAssets', () => {
  const assets = [{ network, asset: EURC, perPayment: '5' }] as const
  it('allows no known asset that isn’t listed', () => {
    expect(refusalOf({ onlyAssets: [{ network, asset: USDC }] }, usdc(1n))).toBeUndefined()
    expect(refusalOf({ onlyAssets: [{ network, asset: USDC.toLowerCase() }] }, usdc(1n))).toBeUndefined()
    expect(refusalOf({ onlyAssets: [{ network: 'eip155:1', asset: USDC }] }, usdc(1n))).toBe('ASSET_NOT_ALLOWED')
    expect(refusalOf({ assets, onlyAssets: assets.map(({ asset }) => ({ network, asset })) }, usdc(1n))).toBe(
      'ASSET_NOT_ALLOWED',
    )
  })

  it('makes nothing payable that no limit can price', () => {
    expect(refusalOf({ assets, onlyAssets: [{ network, asset: EURC }] }, eurc(5n))).toBeUndefined()
    expect(refusalOf({ onlyAssets: [{ network, asset: EURC }] }, eurc(1n))).toBe('ASSET_NOT_ALLOWED')
  })
})

describe('createLimits: onlyTags', () => {
  it.each<[readonly string[], readonly string[], boolean]>([
    [['a'], ['a'], true],
    [['a'], ['a', 'a'], true],
    [['a'], ['a', 'b'], false],
    [['a', 'b'], ['b'], true],
    [['a'], ['ab'], false],
    [['customer:*'], ['customer:7'], true],
    [['customer:*'], ['customer:'], false],
    [['customer:*'], ['customer'], false],
    [['*'], ['anything', 'at all'], true],
    [['*'], [], false],
    [['a.c'], ['abc'], false],
  ])('%o, asked with %o: allowed is %o', (onlyTags, tags, isAllowed) => {
    expect(refusalOf({ onlyTags }, usdc(1n, { tags }))).toBe(isAllowed ? undefined : 'TAG_NOT_ALLOWED')
  })

  it.each(['', '**', 'a*b', '*a', 5, null])('error: INVALID_OPTION of %o', (entry) => {
    const create = () => Reflect.apply(createLimits, undefined, [{ onlyTags: [entry] }])
    expect(create).toThrow('`limits.onlyTags[0]` must be a tag, or one with `*` at its end')
  })
})

describe('createLimits: lists', () => {
  it.each<[keyof LimitsOptions, string]>([
    ['hosts', 'HOST_NOT_ALLOWED'],
    ['networks', 'NETWORK_NOT_ALLOWED'],
    ['onlyPayTo', 'PAYEE_NOT_ALLOWED'],
    ['onlyAssets', 'ASSET_NOT_ALLOWED'],
    ['onlyTags', 'TAG_NOT_ALLOWED'],
  ])('an empty %s allows nothing: %s', (name, code) => {
    expect(refusalOf({ [name]: [] }, usdc(1n))).toBe(code)
    expect(refusalOf({ [name]: undefined }, usdc(1n))).toBeUndefined()
  })

  it.each(['hosts', 'networks', 'onlyPayTo', 'onlyAssets', 'onlyTags'])(
    'error: INVALID_OPTION when %s is no list',
    (name) => {
      for (const list of ['a', {}, null, true]) {
        const create = () => Reflect.apply(createLimits, undefined, [{ [name]: list }])
        expect(create).toThrow(`\`limits.${name}\` must be a list`)
      }
    },
  )

  it('say what isn’t on them, and how it is added', () => {
    expect(createLimits({ hosts: [] }).assess(usdc(1n))).toMatchObject({
      refusal: {
        because: 'the limit "hosts" doesn\'t name its host',
        hint: 'Add it to `limits.hosts`, or catch LimitError to skip this resource.',
      },
    })
  })
})
