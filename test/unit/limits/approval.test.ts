import { describe, expect, it } from 'vitest'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import { type ApprovalRequest, ASK_LATER, type AskApproval, type Limits } from '../../../src/payment/limits.js'
import { EURC, eurc, network, usdc } from './offers.js'

const request: ApprovalRequest = {
  resource: 'GET https://api.example.com/report',
  host: 'api.example.com',
  method: 'GET',
  scheme: 'exact',
  payer: '0x3',
  payTo: '0x1',
  asset: '0x2',
  network,
  amount: '20000',
  price: '0.02 USDC',
  exposure: '20000',
  dollars: '$0.02',
  allowances: [],
  tags: [],
  sellerSays: undefined,
  resumed: false,
  payment: undefined,
  perhapsPaid: undefined,
  proposal: 'a',
}

/** Who is asked about an offer. */
function askedBy(options: LimitsOptions, terms = usdc(20_000n)): readonly AskApproval[] {
  return approvalsOf(createLimits(options), terms)
}

function approvalsOf(limits: Limits, terms = usdc(20_000n)): readonly AskApproval[] {
  const assessment = limits.assess(terms)
  if ('refusal' in assessment) throw new Error(assessment.refusal.because)
  return assessment.approvals ?? []
}

describe('createLimits: approve', () => {
  it('asks nobody by default', () => {
    expect(askedBy({})).toEqual([])
  })

  it.each<[unknown]>([['later'], [Promise.resolve('later')], [{ approved: 'later' }]])(
    'leaves to someone at a desk what it answers with %j',
    async (answer) => {
      const [ask] = askedBy({ approve: () => answer as 'later' })
      expect(await ask?.(request)).toMatchObject({ approved: false, isLater: true })
    },
  )

  it("asks nobody here where it is 'later', above `approveAbove`", async () => {
    const [ask] = askedBy({ approve: 'later' })
    expect(ask).toBe(ASK_LATER)
    expect(askedBy({ approve: 'later', approveAbove: '$0.02' })).toEqual([])
    expect(askedBy({ approve: 'later', approveAbove: '$0.019' })).toEqual([ASK_LATER])
    expect(() => createLimits({ approve: 'never' as 'later' })).toThrow("must be a function, or 'later'")
  })

  it('is handed the request as it stands', async () => {
    const asked: ApprovalRequest[] = []
    const [ask] = askedBy({ approve: (given) => asked.push(given) > 0 })
    expect(await ask?.(request)).toEqual({ approved: true, reason: undefined })
    expect(asked).toEqual([request])
  })

  it.each<[unknown, boolean, string | undefined]>([
    [true, true, undefined],
    [Promise.resolve(true), true, undefined],
    [{ approved: true }, true, undefined],
    [{ approved: true, reason: 'small' }, true, 'small'],
    [false, false, undefined],
    [{ approved: false, reason: 'too late at night' }, false, 'too late at night'],
    [Promise.resolve({ approved: false }), false, undefined],
    [undefined, false, undefined],
    [null, false, undefined],
    ['yes', false, undefined],
    [1, false, undefined],
    [[true], false, undefined],
    [{}, false, undefined],
    [{ approved: 'true', reason: 5 }, false, undefined],
  ])('%o: approved is %o, for the reason %o', async (answer, approved, reason) => {
    const [ask] = approvalsOf(Reflect.apply(createLimits, undefined, [{ approve: () => answer }]))
    expect(await ask?.(request)).toEqual({ approved, reason })
  })

  it.each([
    () => {
      throw new Error('no connection')
    },
    () => Promise.reject(new Error('no connection')),
  ])('rejects with what it throws: %o', async (approve) => {
    const [ask] = askedBy({ approve })
    await expect(ask?.(request)).rejects.toThrow('no connection')
  })

  it('is not asked about what the limits refuse', () => {
    expect(createLimits({ approve: () => true }).assess(usdc(1_000_001n))).toMatchObject({
      refusal: { code: 'LIMIT_PER_PAYMENT' },
    })
  })
})

describe('createLimits: approveAbove', () => {
  const approve = () => true
  const euros = { network, asset: EURC, symbol: 'EURC', decimals: 6, perPayment: '1 EURC' } as const
  it.each<[LimitsOptions, number]>([
    [{ approveAbove: '$0.02' }, 0],
    [{ approveAbove: '$0.019999' }, 1],
    [{ approveAbove: '0.02 USDC' }, 0],
    [{ approveAbove: '0.01 USDC' }, 1],
    [{ approveAbove: '$0' }, 1],
    [{ approveAbove: '5 EURC' }, 1],
  ])('%o, for two cents of USDC, asks %o', (options, asked) => {
    expect(askedBy({ ...options, approve })).toHaveLength(asked)
  })

  it('asks about what it can’t price', () => {
    const limits = { assets: [euros], approve }
    expect(askedBy({ ...limits, approveAbove: '$1' }, eurc(1n))).toHaveLength(1)
    expect(askedBy({ ...limits, approveAbove: '1 EURC' }, eurc(1n))).toHaveLength(0)
  })

  it('error: INVALID_OPTION without anyone to ask, and says where tools take it', () => {
    const refusal = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/`limits\.approveAbove` needs `limits\.approve`[\s\S]*`createPaymentTools`/),
    })
    expect(() => createLimits({ approveAbove: '$0.05' })).toThrow(refusal)
  })
})
