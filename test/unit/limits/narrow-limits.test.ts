import { describe, expect, it } from 'vitest'
import { createLimits, type RestrictOptions } from '../../../src/limits/index.js'
import { limitCall, tightenLimits } from '../../../src/limits/narrow-limits.js'
import type { AskedTerms, Limits } from '../../../src/payment/limits.js'
import { createTill } from './create-till.js'
import { EURC, eurc, network, USDC, usdc } from './offers.js'

const wide = createLimits({ perPayment: '$0.50', perDay: '$2' })

function refusalOf(limits: Limits, terms: AskedTerms): string | undefined {
  const assessment = limits.assess(terms)
  return 'refusal' in assessment ? assessment.refusal.because : undefined
}

describe('tightenLimits', () => {
  it.each<[RestrictOptions, bigint, string]>([
    [{}, 500_000n, "a limit of this client's owner doesn't allow its price"],
    [{ perPayment: '$0.10' }, 100_000n, 'the limit "restrict.perPayment" allows $0.10'],
    [{ perPayment: '$0.90' }, 500_000n, "a limit of this client's owner doesn't allow its price"],
  ])('%o allows %d units per payment, the lower of both', (options, most, because) => {
    const limits = tightenLimits(wide, options, 'client/1')
    expect(refusalOf(limits, usdc(most))).toBeUndefined()
    expect(refusalOf(limits, usdc(most + 1n))).toBe(because)
  })

  it('counts its own payments in its own limits, and in the wider ones too', async () => {
    const { pay } = createTill()
    const one = tightenLimits(wide, { total: '$0.90' }, 'client/1')
    const other = tightenLimits(wide, { total: '$0.90' }, 'client/2')
    expect(await pay(wide, 50)).toBeUndefined()
    expect(await pay(one, 50)).toBeUndefined()
    expect(await pay(one, 50)).toBe('restrict.total')
    expect(await pay(other, 50)).toBeUndefined()
    expect(await pay(wide, 50)).toBeUndefined()
    expect(await pay(other, 10)).toBe('perDay')
  })

  it('counts those of a client within it', async () => {
    const { pay } = createTill()
    const outer = tightenLimits(wide, { total: { payments: 2 } }, 'client/1')
    const inner = tightenLimits(outer, { perPayment: '$0.10' }, 'client/2')
    expect(await pay(inner, 10)).toBeUndefined()
    expect(await pay(outer, 20)).toBeUndefined()
    expect(await pay(inner, 10)).toBe('restrict.total.payments')
    expect(await pay(wide, 10)).toBeUndefined()
  })

  it('counts a host and a tag among its own payments only', async () => {
    const { pay } = createTill()
    const limits = tightenLimits(
      wide,
      { perHost: { total: '$0.10' }, tags: { a: { total: { payments: 1 } } } },
      'client/1',
    )
    const change = { tags: ['a'] }
    expect(await pay(wide, 10, change)).toBeUndefined()
    expect(await pay(limits, 10, change)).toBeUndefined()
    expect(await pay(limits, 1)).toBe('restrict.perHost.total')
    expect(await pay(limits, 1, { host: 'b.example.com' })).toBeUndefined()
    expect(await pay(limits, 1, { host: 'c.example.com', ...change })).toBe('restrict.tags.a.total.payments')
  })

  it('labels its payments, once, with its tag and with the pairs of it and theirs', () => {
    const limits = tightenLimits(wide, {}, 'client/1')
    const tags = ['a', 'client/1', 'client/1/a', 'client/1/client/1']
    expect(limits.assess(usdc(1n, { tags: ['a'] }))).toMatchObject({ tags: tags.slice(0, 3) })
    expect(limits.assess(usdc(1n, { tags: ['a', 'client/1'] }))).toMatchObject({
      tags: ['a', 'client/1', 'client/1/a', 'client/1/client/1'],
    })
  })

  it('labels its payments with the names above as well, and with no name that a tag could make', () => {
    const limits = tightenLimits(wide, {}, 'name/a/b', ['name/a'])
    expect(limits.assess(usdc(1n, { tags: ['b', '/b'] }))).toMatchObject({
      tags: ['b', '/b', 'name/a', 'name/a//b', 'name/a///b', 'name/a/b', 'name/a/b//b', 'name/a/b///b'],
    })
  })

  it('can’t be escaped by a tag of the caller’s', async () => {
    const { pay } = createTill()
    const limits = tightenLimits(wide, { total: { payments: 1 } }, 'client/1')
    expect(await pay(limits, 1, { tags: ['client/2'] })).toBeUndefined()
    expect(await pay(limits, 1, { tags: ['client/1', 'client/3'] })).toBe('restrict.total.payments')
  })

  it('has no defaults, and doesn’t allow what the wider limits refuse', () => {
    const limits = tightenLimits(
      createLimits({ hosts: ['a.example'] }),
      { hosts: ['a.example', 'api.example.com'] },
      'client/1',
    )
    expect(limits.caps().map(({ name }) => name)).toEqual([])
    expect(refusalOf(limits, usdc(1n))).toBe("a limit of this client's owner doesn't allow its host")
  })

  it.each<[RestrictOptions, string]>([
    [{ hosts: [] }, 'the limit "restrict.hosts" doesn\'t name its host'],
    [{ networks: ['eip155:1'] }, 'the limit "restrict.networks" doesn\'t name its network'],
    [{ onlyPayTo: [] }, 'the limit "restrict.onlyPayTo" doesn\'t name its payTo'],
    [{ onlyAssets: [{ network, asset: EURC }] }, 'the limit "restrict.onlyAssets" doesn\'t name its asset'],
    [{ perDay: '5 EURC' }, 'the limit "restrict.perDay" doesn\'t name its asset'],
  ])('%o refuses: %s', (options, because) => {
    expect(refusalOf(tightenLimits(wide, options, 'client/1'), usdc(1n))).toBe(because)
  })

  it('prices as the wider limits do', () => {
    const pegged = { network, asset: EURC, symbol: 'EURC', decimals: 6, peg: 'usd' } as const
    const limits = tightenLimits(createLimits({ assets: [pegged] }), { perPayment: '$0.10' }, 'client/1')
    expect(refusalOf(limits, eurc(100_000n))).toBeUndefined()
    expect(refusalOf(limits, eurc(100_001n))).toBe('the limit "restrict.perPayment" allows $0.10')
  })

  it('refuses an asset that none of its limits in money can price, if it has any', () => {
    const euros = createLimits({ assets: [{ network, asset: EURC, perPayment: '9' }] })
    expect(refusalOf(tightenLimits(euros, { total: '$1' }, 'client/1'), eurc(1n))).toBe('no limit can price its asset')
    expect(refusalOf(tightenLimits(euros, { total: { payments: 5 } }, 'client/1'), eurc(1n))).toBeUndefined()
  })

  it('says what to do about tags, since that is the caller’s to do', () => {
    const limits = tightenLimits(wide, { onlyTags: ['customer:*'] }, 'client/1')
    expect(limits.assess(usdc(1n))).toMatchObject({
      refusal: { code: 'TAG_NOT_ALLOWED', hint: expect.stringContaining('Give the call tags of that list only') },
    })
    const within = tightenLimits(limits, {}, 'client/2')
    expect(refusalOf(within, usdc(1n))).toBe("a limit of this client's owner doesn't allow its tags")
  })

  it('never advises to raise a limit, its own or a wider one', async () => {
    const { reserve } = createTill()
    const options = { perPayment: '$0.20', total: '$0.30', hosts: ['api.example.com'] }
    const limits = tightenLimits(createLimits({ perPayment: '$0.25', perHour: '$0.25' }), options, 'client/1')
    const hints = new Set<string | undefined>()
    for (const [amount, host] of [
      [260_000n, 'api.example.com'],
      [210_000n, 'api.example.com'],
      [1n, 'b.example.com'],
      [200_000n, 'api.example.com'],
      [60_000n, 'api.example.com'],
      [110_000n, 'api.example.com'],
    ] as const) {
      const answer = await reserve(limits, usdc(amount, { host }))
      if (answer.refused !== undefined) hints.add(answer.hint)
    }
    expect([...hints]).toEqual([
      "This client can't raise its limits: ask its owner, or catch LimitError to skip this resource.",
    ])
  })

  it('lists its own caps and not the wider ones, which hold all the same', () => {
    const options = { perHour: { payments: 5 }, tags: { a: { total: '$1' } } }
    const limits = tightenLimits(wide, options, 'client/1')
    expect(limits.caps().map(({ name, scope }) => ({ [name]: scope }))).toEqual([
      { 'restrict.perHour.payments': { tag: 'client/1' } },
      { 'restrict.tags.a.total': { tag: 'client/1/a' } },
    ])
    const assessment = limits.assess(usdc(1n))
    expect('caps' in assessment && assessment.caps).toMatchObject([
      { name: 'restrict.perHour.payments' },
      { name: 'perDay', isConfidential: true, hint: expect.stringContaining('ask its owner') },
    ])
  })

  it('keeps the shorter validity, and a payTo that either pins', () => {
    const short = createLimits({ maxValiditySeconds: 60 })
    expect(tightenLimits(short, { maxValiditySeconds: 300 }, 'a').maxValiditySeconds).toBe(60)
    expect(tightenLimits(short, { maxValiditySeconds: 30 }, 'a').maxValiditySeconds).toBe(30)
    expect(tightenLimits(short, {}, 'a').pinPayTo).toBe(false)
    expect(tightenLimits(short, { pinPayTo: true }, 'a').pinPayTo).toBe(true)
    expect(tightenLimits(createLimits({ pinPayTo: true }), { pinPayTo: false }, 'a').pinPayTo).toBe(true)
  })

  it('asks both for approval, the wider one last', async () => {
    const asked: string[] = []
    const approve = (name: string) => () => asked.push(name) > 0
    const limits = tightenLimits(createLimits({ approve: approve('wide') }), { approve: approve('own') }, 'a')
    const assessment = limits.assess(usdc(1n))
    if ('refusal' in assessment) throw new Error(assessment.refusal.because)
    for (const ask of assessment.approvals ?? []) await Reflect.apply(ask, undefined, [])
    expect(asked).toEqual(['own', 'wide'])
  })

  it('tells each how near its own limits are', async () => {
    const { pay, approaches } = createTill()
    const outer = createLimits({ total: { payments: 2 }, approachAt: [1] })
    const limits = tightenLimits(outer, { total: { payments: 1 }, approachAt: [1] }, 'a')
    await pay(outer, 1)
    await pay(limits, 1)
    expect(approaches.map(({ limit }) => limit)).toEqual(['restrict.total.payments', 'total.payments'])
  })

  it('takes limits of any make for the wider ones', () => {
    const assess: Limits['assess'] = (terms) => ({
      notation: { symbol: 'USDC', decimals: 6 },
      dollars: undefined,
      charges: [{ unit: `${network}/${USDC.toLowerCase()}`, amount: terms.amount }],
      caps: [],
    })
    const perPayment = { network, asset: USDC, amount: 5n } as const
    const limits = tightenLimits({ assess, format: String }, { perPayment }, 'a')
    expect(refusalOf(limits, usdc(5n))).toBeUndefined()
    expect(refusalOf(limits, usdc(6n))).toBe('the limit "restrict.perPayment" allows 0.000005 USDC')
    expect(limits).toMatchObject({ pinPayTo: false, maxValiditySeconds: 600 })
  })

  it.each([
    [{ assets: [] }, 'UNKNOWN_OPTION', 'The option `restrict.assets` is unknown.'],
    [{ perHuor: '$1' }, 'UNKNOWN_OPTION', 'The option `restrict.perHuor` is unknown.'],
    [{ total: 5 }, 'INVALID_MONEY', '`restrict.total`'],
    [undefined, 'INVALID_OPTION', '`restrict` must be an object'],
  ])('error: %o is %s', (options, code, message) => {
    const tighten = () => Reflect.apply(tightenLimits, undefined, [wide, options, 'a'])
    expect(tighten).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})

describe('limitCall', () => {
  it('leaves the limits as they are when the call says nothing', () => {
    expect(limitCall(wide, {})).toBe(wide)
    expect(limitCall(wide)).toBe(wide)
  })

  it('allows no more than `max`, nor than the limits', () => {
    expect(refusalOf(limitCall(wide, { max: '$0.05' }), usdc(50_001n))).toBe('the limit "x402.max" allows $0.05')
    expect(refusalOf(limitCall(wide, { max: '$0.05' }), usdc(50_000n))).toBeUndefined()
    expect(refusalOf(limitCall(wide, { max: '$9' }), usdc(500_001n))).toBe('the limit "perPayment" allows $0.50')
    expect(refusalOf(limitCall(wide, { max: '$0' }), usdc(1n))).toBe('the limit "x402.max" allows $0.00')
  })

  it('refuses an asset that `max` can’t price', () => {
    const euros = createLimits({ assets: [{ network, asset: EURC, perPayment: '9' }] })
    expect(limitCall(euros, { max: '$1' }).assess(eurc(1n))).toMatchObject({
      refusal: { because: 'the limit "x402.max" doesn\'t name its asset', hint: expect.stringContaining('`x402.max`') },
    })
  })

  it('still advises to raise a limit of the client', () => {
    expect(limitCall(wide, { max: '$9' }).assess(usdc(500_001n))).toMatchObject({
      refusal: { hint: expect.stringContaining('Raise `limits.perPayment`') },
    })
  })

  it('adds who approves', () => {
    const limits = limitCall(createLimits({ approve: () => true }), { approve: () => true })
    const assessment = limits.assess(usdc(1n))
    expect('caps' in assessment && assessment.approvals).toHaveLength(2)
  })

  it('keeps the caps, and adds no label', () => {
    const limits = limitCall(wide, { max: '$0.05' })
    expect(limits.caps?.()).toEqual(wide.caps())
    expect(limits.assess(usdc(1n, { tags: ['a'] }))).toMatchObject({ tags: ['a'] })
  })

  it.each([
    [{ max: 0.05 }, 'INVALID_MONEY', '`x402.max`'],
    [{ approve: true }, 'INVALID_OPTION', '`x402.approve`'],
  ])('error: %o is %s', (options, code, message) => {
    const tighten = () => Reflect.apply(limitCall, undefined, [wide, options])
    expect(tighten).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})
