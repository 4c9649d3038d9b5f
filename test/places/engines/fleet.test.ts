import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeReport } from '../../fleet/report.js'
import { runScenario } from '../../fleet/run.js'
import { planShort } from '../../fleet/scenarios.js'
import { findFaults } from '../../fleet/verdict.js'
import { compilePrograms } from '../../support/counts/programs.js'

const SEED = Number(process.env['FLEET_SEED'] ?? 1)
const folder = `fleet-test-${process.pid}`

let program: string
beforeAll(async () => {
  const { worker } = await compilePrograms({ worker: new URL('../../fleet/worker.ts', import.meta.url) }, folder)
  program = worker.path
})
afterAll(() => rm(`.cache/${folder}`, { recursive: true, force: true }))

// All at once: mostly they wait for leases.
describe.concurrent('a fleet whose processes and engine are killed and frozen', () => {
  it.each(['redis', 'postgres', 'file'] as const)(
    'spends exactly its budget in %s',
    { timeout: 900_000 },
    async (engine) => {
      const outcome = await runScenario(planShort(engine), SEED, program)
      const faults = findFaults(outcome)
      if (faults.length === 0) await outcome.log.drop()
      expect(faults, `${writeReport(outcome)}\nsee ${outcome.log.path}`).toEqual([])
      expect(outcome.fetchedAfterMs).toHaveLength(1)
    },
  )
})
