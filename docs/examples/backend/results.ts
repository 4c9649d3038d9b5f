import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { Pool } from 'pg'

/** What jobs bought, so that a job which is delivered again is answered without the seller. In a service of yours: a table that you have. */
export type Results = {
  /** @returns The report; `undefined` where none was stored. */
  read(job: string): Promise<unknown>
  write(job: string, report: unknown): Promise<void>
}

/** Keeps them in Redis, as long as queues deliver again. */
export function createRedisResults(redis: Redis, seconds: number): Results {
  return {
    read: async (job) => parse(await redis.get(`reports:${job}`)),
    write: async (job, report) => void (await redis.set(`reports:${job}`, JSON.stringify(report), 'EX', seconds)),
  }
}

/** Keeps them in a table of Postgres, which is made where it isn't there. */
export async function createPostgresResults(pool: Pool): Promise<Results> {
  // Two instances that make it at once would fail, so they take turns.
  await pool.query(
    'begin; select pg_advisory_xact_lock(402402); create table if not exists job_reports (job text primary key, report text not null); commit',
  )
  return {
    async read(job) {
      const { rows } = await pool.query('select report from job_reports where job = $1', [job])
      return parse(rows[0]?.report)
    },
    async write(job, report) {
      const values = [job, JSON.stringify(report)]
      await pool.query('insert into job_reports values ($1, $2) on conflict do nothing', values)
    },
  }
}

/** Keeps each in a file of its own, for the processes of one machine. */
export function createFileResults(folder: string): Results {
  const toPath = (job: string) => join(folder, `${Buffer.from(job).toString('hex')}.json`)
  return {
    read: async (job) => parse(await readFile(toPath(job), 'utf8').catch(forgiveMissing)),
    async write(job, report) {
      await mkdir(folder, { recursive: true })
      const whole = `${toPath(job)}.${process.pid}`
      await writeFile(whole, JSON.stringify(report), { flush: true })
      await rename(whole, toPath(job))
    },
  }
}

function parse(text: string | null | undefined): unknown {
  return text === null || text === undefined ? undefined : JSON.parse(text)
}

function forgiveMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
