import type { NewRecord } from '../../flow/ports.js'
import { dollars } from './dollars.js'

/** A payment of one dollar, on a chain that there isn't. */
export function createRecord(change: Partial<NewRecord> = {}): NewRecord {
  return {
    purchase: 'weather',
    coarse: 'weather',
    isKeyed: false,
    origin: 'https://api.example.com',
    host: 'api.example.com',
    method: 'GET',
    resource: 'https://api.example.com/weather',
    payer: '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B',
    scheme: 'exact',
    network: 'example:1',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
    amount: 1_000_000n,
    symbol: 'USDC',
    decimals: 6,
    tags: [],
    charges: dollars(1),
    ...change,
  }
}
