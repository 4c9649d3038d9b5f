import { Redis } from 'ioredis'
import { randomBytes } from 'node:crypto'
import { it } from 'vitest'
import { createRedisLedger } from '../../../src/ledger/redis/index.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { startRedis } from '../../support/engines/start-redis.js'
it('scratch', async () => {
  const server = await startRedis({appendfsync:'no'})
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  const wanted = process.env.WANT ?? 'pin: a payment to another address is refused while the first is reserved'
  const log: string[] = []
  for (const one of ledgerContract((ports) => createRedisLedger({ ...ports, durable: 'best-effort', budget: randomBytes(5).toString('hex'), send: async ([name = '', ...args]) => { const r = await redis.call(name, ...args); log.push(JSON.stringify(args.slice(14)) + ' => ' + JSON.stringify(r)); return r } }), { payments: 200, histories: 40 })) {
    if (!one.name.startsWith(wanted)) continue
    await one.run().catch((e) => { console.log(log.slice(-Number(process.env.LAST ?? 6)).join('\n\n')); console.log(e.message, e.facts); })
  }
  redis.disconnect(); await server.stop()
})
