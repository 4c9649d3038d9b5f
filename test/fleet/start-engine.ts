import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, type EngineName, type EngineOptions, nothing } from './engine.js'
import { startPostgresEngine } from './postgres-engine.js'
import { startRedisEngine } from './redis-engine.js'

/** Starts what a fleet keeps its ledger in. */
export async function startEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  if (name === 'redis') return startRedisEngine(options)
  if (name === 'postgres') return startPostgresEngine()
  if (name === 'memory') return { ...nothing, ledger: { in: 'memory' } }
  const folder = await mkdtemp(join(tmpdir(), 'pay402-fleet-'))
  return {
    ...nothing,
    ledger: { in: 'file', path: join(folder, 'payments.ledger') },
    stop: () => rm(folder, { recursive: true, force: true }),
  }
}
