import { describe, expect, it } from 'vitest'
import type { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const as = (options: RestrictOptions) => (client: x402Client) => client.restrict({ reach: 'anywhere', ...options })

for (const [where, createLedger] of ledgers) {
  throughEveryDoor(`counts under a name what every client of that name paid${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createLedger()
    const tasks = [1, 2, 3].map(() => shop({ ledger }, as({ name: 'team/researcher', total: '$0.02' })))
    const [first, second, third] = tasks
    await first?.request(`${seller.url}/1`)
    await second?.request(`${seller.url}/2`)
    const error = await third?.refusal(`${seller.url}/3`)
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched', facts: { spent: '$0.02' } })
    expect(tasks.map((task) => task.signatures())).toEqual([1, 1, 0])
  })

  throughEveryDoor(`counts under a name what is paid below it, and not next to it${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createLedger()
    await shop({ ledger }, as({ name: 'team/researcher' })).request(`${seller.url}/1`)
    await shop({ ledger }, as({ name: 'team/writer/poems' })).request(`${seller.url}/2`)
    await shop({ ledger }, as({ name: 'teams/researcher' })).request(`${seller.url}/3`)
    await shop({ ledger }, as({ name: 'researcher' })).request(`${seller.url}/4`)
    await shop({ ledger }).request(`${seller.url}/5`)
    const team = shop({ ledger }, as({ name: 'team', total: '$0.02' }))
    const error = await team.refusal(`${seller.url}/6`)
    expect(error).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.02' } })
    const writer = shop({ ledger }, as({ name: 'team/writer', total: '$0.02' }))
    expect((await writer.request(`${seller.url}/7`)).status).toBe(200)
    expect(await writer.refusal(`${seller.url}/8`)).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.02' } })
  })

  throughEveryDoor(`takes no tag of a call for the label of a name${where}`, async ({ open, shop }) => {
    const seller = await open(sell)
    const ledger = createLedger()
    const team = shop({ ledger }, as({ name: 'team' }))
    const tags = ['researcher', '/researcher', 'team/researcher', ' name/team/researcher', 'NAME/team/researcher']
    await team.request(`${seller.url}/1`, calling({ tags }))
    for (const label of ['name/team/researcher', 'name/team', 'name/', 'client/1'])
      expect(await team.refusal(`${seller.url}/2`, calling({ tags: ['a', label] }))).toMatchObject({
        code: 'INVALID_OPTION',
        money: 'untouched',
      })
    const researcher = shop({ ledger }, as({ name: 'team/researcher', total: '$0.01' }))
    expect((await researcher.request(`${seller.url}/3`)).status).toBe(200)
    expect(team.signatures()).toBe(1)
  })
}

throughEveryDoor('remembers the sums of a name after a restart', async ({ open, shop }) => {
  const seller = await open(sell)
  const reopen = await createReopening()
  const name = { name: 'team/researcher', total: '$0.02', perTag: { total: '$0.01' } } as const
  for (const task of [1, 2]) {
    await shop({ ledger: await reopen() }, as(name)).request(
      `${seller.url}/${task}`,
      calling({ tags: [`customer:${task}`] }),
    )
  }
  const ledger = await reopen()
  const later = shop({ ledger }, as(name))
  expect(await later.refusal(`${seller.url}/3`)).toMatchObject({ code: 'LIMIT_TOTAL', facts: { spent: '$0.02' } })
  const roomier = shop({ ledger }, as({ ...name, total: '$1' }))
  const again = calling({ tags: ['customer:2'] })
  expect(await roomier.refusal(`${seller.url}/4`, again)).toMatchObject({ facts: { spent: '$0.01' } })
  const above = shop({ ledger }, as({ name: 'team', perTag: { total: '$0.01' } }))
  expect(await above.refusal(`${seller.url}/5`, again)).toMatchObject({ facts: { spent: '$0.01' } })
  expect([later, roomier, above].map((task) => task.signatures())).toEqual([0, 0, 0])
})

describe('a lasting name:', () => {
  it.each(ledgers)('holds for two handles on one ledger, however many calls run at once%s', async (_, createLedger) => {
    const seller = await openSeller(sell)
    const ledger = createLedger()
    const handles = [{ ...ledger }, { ...ledger }].map((handle) => createBuyer({ ledger: handle }))
    const calls = handles.flatMap(({ client }, handle) =>
      Array.from({ length: 10 }, async (_, call) => {
        const agent = client
          .restrict({ reach: 'anywhere', name: 'team', total: '$0.05' })
          .restrict({ name: `agent-${call % 3}` })
        return wrapFetchWithPayment(fetch, agent)(`${seller.url}/${handle}/${call}`)
      }),
    )
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(seller.authorizations().size).toBe(5)
  })

  it.each<[RestrictOptions, RestrictOptions]>([
    [{ total: '$0.01' }, { total: '$5' }],
    [{ perHour: { payments: 1 } }, { perHour: { payments: 100 } }],
    [{ perTag: { total: '$0.01' } }, { perTag: { total: '$5' } }],
    [{ tags: { a: { total: '$0.01' } } }, { tags: { a: { total: '$5' } } }],
  ])('%o of a parent holds for a child with %o', async (parent, child) => {
    const seller = await openSeller(sell)
    const { client, signatures } = createBriskBuyer()
    const team = client.restrict({ reach: 'anywhere', name: 'team', ...parent })
    const children = ['one', 'two', undefined].map((name) => team.restrict({ name, ...child }))
    const [one, two, unnamed] = children.map((agent) => wrapFetchWithPayment(fetch, agent))
    await one?.(`${seller.url}/1`, calling({ tags: ['a'] }))
    for (const paidFetch of [one, two, unnamed])
      expect(await refusalOf(Promise.resolve(paidFetch?.(`${seller.url}/2`, calling({ tags: ['a'] }))))).toMatchObject({
        name: 'LimitError',
        money: 'untouched',
      })
    expect(signatures()).toBe(1)
  })

  it('of a client within a named one is below it', async () => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer()
    await wrapFetchWithPayment(
      fetch,
      client.restrict({ reach: 'anywhere', name: 'a' }).restrict({ name: 'b/c' }),
    )(seller.url)
    for (const name of ['a', 'a/b', 'a/b/c'])
      expect(await client.restrict({ reach: 'anywhere', name }).payments()).toHaveLength(1)
    for (const name of ['b', 'b/c', 'c', 'a/c'])
      expect(await client.restrict({ reach: 'anywhere', name }).payments()).toEqual([])
  })

  it('is read once', () => {
    const names = ['a', 'b']
    const options = {
      total: '$0.01',
      get name() {
        return names.shift()
      },
    }
    createBriskBuyer().client.restrict({ reach: 'anywhere', ...options })
    expect(names).toEqual(['b'])
  })

  it.each([
    '',
    '/',
    '/team',
    'team/',
    'team//researcher',
    '.',
    '..',
    '../other',
    'team/../other',
    'team/./a',
    'a.b',
    'team\\other',
    'team%2Fother',
    'team researcher',
    ' team',
    'team\n',
    'tea\u0000m',
    'теам',
    'ｔeam',
    'team\u200b',
    'te\u0301am',
    'a∕b',
    'x'.repeat(65),
    Array.from({ length: 9 }, () => 'a').join('/'),
    'a/'.repeat(100_000),
    null,
    5,
    ['team'],
    { toString: () => 'team' },
  ])('error: INVALID_OPTION for %j', (name) => {
    const { client } = createBriskBuyer()
    for (const maker of [client, client.restrict({ reach: 'anywhere', name: 'a' })])
      expect(() => Reflect.apply(maker.restrict, maker, [{ name }])).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`restrict.name`') }),
      )
  })

  it('error: INVALID_OPTION for a path that grows too long below others', () => {
    let agent = createBriskBuyer().client.restrict({ reach: 'anywhere', name: 'a/b/c/d' })
    for (let depth = 5; depth <= 8; depth++) agent = agent.restrict({ name: 'x' })
    expect(() => agent.restrict({ name: 'x' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('error: INVALID_OPTION for a name that a restricted client without one gives, since it could be another’s', async () => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer()
    await wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', name: 'writer' }))(seller.url)
    for (const agent of [
      client.restrict({ reach: 'anywhere' }),
      client.restrict({ reach: 'anywhere', name: 'a' }).restrict({}),
    ])
      for (const name of ['writer', 'a', 'b'])
        expect(() => agent.restrict({ name })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('lists what was paid under it and below it, and of no other name', async () => {
    const seller = await openSeller(sell)
    const { client } = createBriskBuyer()
    const names = [undefined, 'team', 'team/researcher', 'team/writer', 'teams', 'other/team']
    for (const [index, name] of names.entries())
      await wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', name }))(
        `${seller.url}/${index}`,
        calling({ tags: ['writer', 'team'] }),
      )
    const list = async (name: string) =>
      (await client.restrict({ reach: 'anywhere', name }).payments()).map(({ resource }) => resource.at(-1)).toSorted()
    expect(await list('team')).toEqual(['1', '2', '3'])
    expect(await list('team/researcher')).toEqual(['2'])
    expect(await list('team/writer')).toEqual(['3'])
    expect(await list('writer')).toEqual([])
    expect(await client.restrict({ reach: 'anywhere', name: 'team' }).restrict({}).payments()).toEqual([])
  })

  it('shows the sums of all its clients, on a slow ledger too', async () => {
    const seller = await openSeller(sell)
    const { client } = createBuyer({ ledger: createSlowLedger(createMemoryLedger()) })
    const open = () => client.restrict({ reach: 'anywhere', name: 'team', total: '$1', perTag: { perDay: '$0.5' } })
    await wrapFetchWithPayment(fetch, open())(`${seller.url}/1`, calling({ tags: ['a'] }))
    await wrapFetchWithPayment(fetch, open().restrict({ reach: 'anywhere', name: 'b' }))(
      `${seller.url}/2`,
      calling({ tags: ['a', 'b'] }),
    )
    expect(await open().spending()).toMatchObject([{ limit: 'restrict.total', spent: '$0.02', left: '$0.98' }])
    expect(await open().spending({ tag: 'a' })).toMatchObject([
      { limit: 'restrict.total' },
      { limit: 'restrict.perTag.perDay', spent: '$0.02' },
    ])
    expect(await open().spending({ tag: 'b' })).toMatchObject([{}, { spent: '$0.01', left: '$0.49' }])
  })
})
