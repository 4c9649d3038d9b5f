import { writeLines } from './write-lines.js'

/** What each signed payment of {@link writeGrown} begins with; its number follows. */
export const SIGNED = 'signed-payment-'

/** Payments of a purchase each, as a compacted ledger holds them: settled and answered, at 50 prices, for 1,000 resources. */
export async function writeCompacted(path: string, payments: number): Promise<void> {
  const lines = [JSON.stringify({ pay402: 'ledger', version: 3, lines: payments })]
  for (let n = 0; n < payments; n++) lines.push(JSON.stringify({ ...toReserved(n), ...toSent(n), ...toSettled(n) }))
  await writeLines(path, lines)
}

/** The same payments, with all that happened to each: it was reserved, sent with its signed payment, and settled. */
export async function writeGrown(path: string, payments: number): Promise<void> {
  const lines = [JSON.stringify({ pay402: 'ledger', version: 3, lines: 0 })]
  for (let n = 0; n < payments; n++) {
    const payload = { x402Version: 2, payload: { signature: `${SIGNED}${n}`.padEnd(1000, 'a') } }
    lines.push(JSON.stringify(toReserved(n)))
    lines.push(`${JSON.stringify({ ...toSent(n), z: 'sent' })}\t${JSON.stringify({ payload, entry: {} })}`)
    lines.push(JSON.stringify({ i: toId(n), z: 'delivered', s: 200, k: true, x: `0x${toDigits(n)}` }))
  }
  await writeLines(path, lines)
}

function toReserved(n: number): object {
  const price = n % 50
  return {
    i: toId(n),
    t: 1_700_000_000 + n,
    p: toDigits(n),
    r: `https://api.example.com/weather/${n % 1000}`,
    k: price,
    ...(n < 50 && { d: toDeal(price) }),
  }
}

function toSent(n: number): object {
  return { i: toId(n), e: 1_700_000_600 + n, n: `0x${toDigits(n)}` }
}

function toSettled(n: number): object {
  return { z: 'settled', w: 'delivered', s: 200, x: `0x${toDigits(n)}` }
}

function toId(n: number): string {
  return `0123456789abcdef-${n}`
}

function toDigits(n: number): string {
  return n.toString(16).padStart(64, 'f')
}

function toDeal(price: number): object {
  const asset = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  return {
    o: 'https://api.example.com',
    h: 'api.example.com',
    m: 'GET',
    f: '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B',
    s: 'exact',
    n: 'eip155:8453',
    a: asset,
    y: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    v: `${10_000 + price}`,
    t: 60,
    u: 'USDC',
    e: 6,
    p: true,
    g: [],
    c: ['payments/all', '1', 'usd', `${10_000 + price}000000000000`, `eip155:8453/${asset}`, `${10_000 + price}`],
    x: `${10_000 + price}`,
  }
}
