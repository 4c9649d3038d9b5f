import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { createSchemeRegistry, type SchemeRegistry } from '../../../src/client/scheme-registry.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import type { Network } from '../../../src/wire/network.js'

describe('createSchemeRegistry: find', () => {
  it('finds what is registered for the network', () => {
    const registry = createSchemeRegistry()
    const exact = createScheme('exact')
    registry.register('eip155:8453', exact)
    expect(find(registry, 'exact', 'eip155:8453')).toBe(exact)
    expect(find(registry, 'exact', 'eip155:1')).toBeUndefined()
  })

  it('finds what is registered for all of a namespace, and in no other', () => {
    const registry = createSchemeRegistry()
    const exact = createScheme('exact')
    registry.register('eip155:*', exact)
    expect(find(registry, 'exact', 'eip155:1')).toBe(exact)
    expect(find(registry, 'exact', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp')).toBeUndefined()
  })

  it.each([
    ['first', ['eip155:8453', 'eip155:*']],
    ['last', ['eip155:*', 'eip155:8453']],
  ] as const)('prefers the network to its namespace, when it was registered %s', (_when, networks) => {
    const registry = createSchemeRegistry()
    const schemes = new Map(networks.map((network) => [network, createScheme('exact')]))
    for (const [network, scheme] of schemes) registry.register(network, scheme)
    expect(find(registry, 'exact', 'eip155:8453')).toBe(schemes.get('eip155:8453'))
    expect(find(registry, 'exact', 'eip155:1')).toBe(schemes.get('eip155:*'))
  })

  it('hides nothing of a namespace but the same scheme', () => {
    const registry = createSchemeRegistry()
    const upto = createScheme('upto')
    registry.register('eip155:*', upto)
    registry.register('eip155:8453', createScheme('exact'))
    expect(find(registry, 'upto', 'eip155:8453')).toBe(upto)
  })

  it.each(['constructor', 'toString', '__proto__', 'Exact', ''])('finds no scheme called %j', (name) => {
    const registry = createSchemeRegistry()
    registry.register('eip155:*', createScheme('exact'))
    expect(find(registry, name, 'eip155:8453')).toBeUndefined()
  })

  it('reads its own registrations only', () => {
    createSchemeRegistry().register('eip155:*', createScheme('exact'))
    expect(find(createSchemeRegistry(), 'exact', 'eip155:1')).toBeUndefined()
  })
})

describe('createSchemeRegistry: registerV1', () => {
  const asked = { scheme: 'exact', network: 'eip155:84532', spoken: 'base-sepolia' } as const

  it('wins over both protocols’ scheme where protocol 1 is spoken, and there only', () => {
    const registry = createSchemeRegistry()
    const both = createScheme('exact')
    const old = createScheme('exact')
    registry.register('eip155:84532', both)
    registry.registerV1('base-sepolia', old)
    expect(registry.find({ ...asked, x402Version: 1 })?.scheme).toBe(old)
    expect(registry.find({ ...asked, x402Version: 2 })?.scheme).toBe(both)
  })

  it('error: DUPLICATE_SCHEME when the scheme is registered there already', () => {
    const registry = createSchemeRegistry()
    registry.registerV1('base', createScheme('exact'))
    expect(() => registry.registerV1('base', createScheme('exact'))).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_SCHEME' }),
    )
  })

  it.each(['atlantis', 'constructor', 'Base', 'eip155:*', ''])('error: INVALID_SCHEME when the name is %j', (name) => {
    expect(() => createSchemeRegistry().registerV1(name, createScheme('exact'))).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEME' }),
    )
  })
})

describe('createSchemeRegistry: payers', () => {
  it('names every account once, whatever it is registered for', () => {
    const registry = createSchemeRegistry()
    registry.register('eip155:*', createScheme('exact', '0xAda'))
    registry.register('eip155:*', createScheme('upto', '0xAda'))
    registry.register('eip155:8453', createScheme('exact', '0xBob'))
    registry.register('solana:*', createScheme('exact'))
    expect(registry.payers()).toEqual(['0xAda', '0xBob'])
  })

  it('names nobody before anything is registered', () => {
    expect(createSchemeRegistry().payers()).toEqual([])
  })
})

describe('createSchemeRegistry: register', () => {
  it('takes one scheme object for several networks', () => {
    const registry = createSchemeRegistry()
    const exact = createScheme('exact')
    registry.register('eip155:1', exact)
    registry.register('eip155:8453', exact)
    expect(find(registry, 'exact', 'eip155:8453')).toBe(exact)
  })

  it('keeps the first scheme when a second one is refused', () => {
    const registry = createSchemeRegistry()
    const first = createScheme('exact')
    registry.register('eip155:*', first)
    expect(() => registry.register('eip155:*', createScheme('exact'))).toThrow()
    expect(find(registry, 'exact', 'eip155:1')).toBe(first)
  })

  it('error: DUPLICATE_SCHEME when the scheme is registered there already', () => {
    const registry = createSchemeRegistry()
    registry.register('eip155:*', createScheme('exact'))
    expect(() => registry.register('eip155:*', createScheme('exact'))).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'DUPLICATE_SCHEME',
        money: 'untouched',
        shortMessage: 'A scheme "exact" is already registered for eip155:*.',
      }),
    )
  })

  it.each([
    'base',
    'eip155',
    'eip155:',
    'eip155:*8453',
    'eip155:8453*',
    'eip155: 8453',
    'eip155:8453:1',
    'EIP155:8453',
    '*',
    '*:*',
    ':8453',
    '',
    8453,
    null,
    undefined,
  ])('error: INVALID_SCHEME when the network is %j', (network) => {
    expect(() => createSchemeRegistry().register(network as Network, createScheme('exact'))).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEME', money: 'untouched' }),
    )
  })

  it.each([
    ['base-sepolia', 'eip155:84532'],
    ['base', 'eip155:8453'],
    ['atlantis', 'eip155:84532'],
  ])('says how a network is written, when it is given %j', (network, caip2) => {
    expect(() => createSchemeRegistry().register(network as Network, createScheme('exact'))).toThrow(
      `Write a CAIP-2 network, such as '${caip2}', or a namespace with a star for all of it.`,
    )
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a name', 'exact'],
    ['the class instead of an object of it', ExactEvmScheme],
    ['an object that can not sign', { scheme: 'exact' }],
    ['an object without a name', { createPaymentPayload: async () => ({ x402Version: 2, payload: {} }) }],
  ])('error: INVALID_SCHEME when the scheme is %s', (_what, scheme) => {
    expect(() => createSchemeRegistry().register('eip155:*', scheme as SchemeNetworkClient)).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEME', money: 'untouched' }),
    )
  })
})

function createScheme(scheme: string, payer?: string): SchemeNetworkClient {
  return { scheme, payer, createPaymentPayload: async (x402Version) => ({ x402Version, payload: {} }) }
}

/** What would sign for an offer of protocol 2. */
function find(registry: SchemeRegistry, scheme: string, network: Network): SchemeNetworkClient | undefined {
  return registry.find({ scheme, network, x402Version: 2, spoken: network })?.scheme
}
