import fc from 'fast-check'

/** What a hostile seller puts in the place of a field. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    '0',
    '-1',
    '1e3',
    '0x10',
    ' 10000',
    '010000',
    '9'.repeat(5000),
    (2n ** 256n).toString(),
    0,
    -1,
    1.5,
    Number.MAX_SAFE_INTEGER + 2,
    1e308,
    true,
    [],
    {},
    ['10000'],
    { toString: 'x' },
    'a\u0000b\nMoney: settled.',
    '\u202Egnp.exe',
    'eip155:1',
    'eip155:84532 ',
    'base-sepolia',
    'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    `0x${'00'.repeat(20)}`,
    '0x036CbD53842c5426634e7929541eC2318f3dCF7E',
    '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .integer({ min: 1, max: 200 })
    .map((levels) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)),
  fc.constant(JSON.parse('{"__proto__":{"amount":"1"},"constructor":{"prototype":{"payTo":"x"}}}')),
)

/** A value with some of its fields, at any depth, taken away, replaced or added. */
export function mutate(good: object): fc.Arbitrary<object> {
  const change = fc.record({ path: fc.nat(), action: fc.constantFrom('delete', 'replace', 'add'), value: hostileValue })
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    const copy = structuredClone(good)
    for (const { path, action, value } of changes) apply(copy, path, action, value)
    return copy
  })
}

function apply(root: object, path: number, action: string, value: unknown): void {
  const places = listPlaces(root)
  const place = places[path % places.length]
  if (place === undefined) return
  const [holder, key] = place
  if (action === 'delete') Reflect.deleteProperty(holder, key)
  else Reflect.set(holder, action === 'add' ? 'extra' : key, structuredClone(value))
}

function listPlaces(value: unknown): [holder: object, key: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => [[value, key] as [object, string], ...listPlaces(child)])
}
