import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isX402Error } from '../../../src/index.js'
import { createPostgresLedger, type PostgresLedger, toMigration } from '../../../src/ledger/postgres/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Warning } from '../../../src/payment/stream.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, DOLLAR, named } from '../../../src/testing/ledger/draft.js'
import { delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { type PostgresServer, startPostgres } from '../../support/engines/start-postgres.js'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres({ wal_level: 'logical' })
  pool = createPool()
})

afterAll(async () => {
  await pool.end()
  await server.stop()
})

function createPool(user = 'postgres'): pg.Pool {
  const made = new pg.Pool({ connectionString: server.url.replace('postgres@', `${user}@`), max: 25 })
  made.on('error', () => undefined) // what a restart does to connections that no one uses
  return made
}

let schemas = 0

/** A schema of its own, as its migration makes it. */
async function migrate(): Promise<string> {
  const schema = `ledger_${schemas++}`
  await pool.query(toMigration({ schema }))
  return schema
}

/** Opens a ledger, and closes it after the test. */
async function open(options: Omit<createPostgresLedger.Options, 'query'> = {}, query = pool): Promise<PostgresLedger> {
  const ledger = await createPostgresLedger({ query, schema: options.schema ?? (await migrate()), ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

/** Has Postgres run with a setting until the test ends. */
async function set(name: string, value: string): Promise<void> {
  const turn = async (change: string) => {
    await pool.query(`alter system ${change}`)
    await pool.query('select pg_reload_conf()')
    await expect
      .poll(async () => (await pool.query(`show ${name}`)).rows[0][name])
      .toBe(change.startsWith('set') ? value : 'on')
  }
  onTestFinished(() => turn(`reset ${name}`))
  await turn(`set ${name} = '${value}'`)
}

/** Runs a program of Postgres until the test ends, such as one that follows it. */
function runBeside(program: string, args: readonly string[]): ChildProcess {
  const running = spawn(join(server.programs, program), [...args], { stdio: 'ignore' })
  const gone = once(running, 'exit')
  onTestFinished(async () => {
    running.kill()
    await gone
  })
  return running
}

/** Follows it as a standby does, until the test ends. */
async function follow(name: string): Promise<void> {
  await pool.query('select pg_create_physical_replication_slot($1)', [name])
  const folder = join(server.folder, name)
  await pool.query(`copy (select 1) to program 'mkdir ${folder}'`)
  const from = ['-d', `${server.url}?application_name=${name}`, '-S', name]
  runBeside('pg_receivewal', ['-D', folder, ...from, '--synchronous', '--no-loop'])
}

async function setStandbys(names: string): Promise<void> {
  await pool.query(`alter system set synchronous_standby_names = '${names}'`)
  await pool.query('select pg_reload_conf()')
  onTestFinished(async () => {
    await pool.query('alter system reset synchronous_standby_names')
    await pool.query('select pg_reload_conf()')
  })
}

async function pay(ledger: PostgresLedger, change = {}): Promise<string> {
  const reserved = await ledger.reserve(createDraft(change), [createCap(20)])
  if (isRefusal(reserved)) throw new Error(`It was refused: ${reserved.by}.`)
  await ledger.note(reserved.id, sent)
  await ledger.note(reserved.id, { ...delivered, isSettled: true })
  return reserved.id
}

describe('createPostgresLedger: opens', () => {
  it('error: LEDGER_NOT_MIGRATED when the schema is not there, and names the command that makes it', async () => {
    await expect(createPostgresLedger({ query: pool, schema: 'nowhere' })).rejects.toMatchObject({
      code: 'LEDGER_NOT_MIGRATED',
      money: 'untouched',
      message: expect.stringContaining('npx pay402 ledger postgres --migration --schema nowhere'),
    })
  })

  it('error: LEDGER_NOT_MIGRATED when another version made the schema, or the role may not use it', async () => {
    const schema = await migrate()
    await pool.query('create role stranger login')
    const query = createPool('stranger')
    onTestFinished(() => query.end())
    const stranger = await createPostgresLedger({ query, schema }).catch((error) => error)
    expect(stranger).toMatchObject({ code: 'LEDGER_NOT_MIGRATED', message: expect.stringContaining('may not use it') })
    // The schema is there: running the migration again would only fail.
    expect(stranger.message).toContain('Grant the role of this program what the output of `npx pay402')
    expect(stranger.message).not.toContain('Run what')
    await pool.query(`create or replace function ${schema}.version() returns integer language sql as 'select 99'`)
    const other = expect.stringContaining('it is of version 99')
    await expect(createPostgresLedger({ query: pool, schema })).rejects.toMatchObject({ message: other })
  })

  it('error: INVALID_OPTION for a schema that is more than a name', async () => {
    for (const schema of ['a"; drop table x; --', 'a b', '', '1a', 'a$$b', 'a'.repeat(64)]) {
      await expect(createPostgresLedger({ query: pool, schema })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      expect(() => toMigration({ schema })).toThrow('schema')
    }
  })

  it('needs no more of a role than what the migration says to grant, under any name of a schema', async () => {
    const schema = 'Ledger-of_users'
    const migration = toMigration({ schema })
    const [, grants = ''] = /--\n((?:-- {3}.*\n)+)--\n/.exec(migration) ?? []
    await pool.query(migration)
    await pool.query(`create role app login; ${grants.replaceAll(/^-- {3}/gm, '')}`)
    const query = createPool('app')
    onTestFinished(() => query.end())
    const ledger = await open({ schema }, query)
    const id = await pay(ledger)
    await ledger.put('proposal', 'a', { by: 'Ann' }, undefined)
    expect(await readAll(ledger)).toMatchObject([{ id, state: 'settled' }])
    expect((await ledger.spent(createCap(1))).spent).toBe(DOLLAR)
    await expect(query.query(`select * from "${schema}".payments`)).rejects.toThrow('permission denied')
    await expect(query.query(`select "${schema}".put_value('freeze', null, '')`)).rejects.toThrow('permission denied')
  })

  it.each([
    ['fsync', 'fsync = on'],
    ['full_page_writes', 'full_page_writes = on'],
  ])('error: LEDGER_NOT_DURABLE when %s is off, and names the setting', async (name, setting) => {
    const schema = await migrate()
    await set(name, 'off')
    const refused = { code: 'LEDGER_NOT_DURABLE', money: 'untouched', message: expect.stringContaining(setting) }
    await expect(createPostgresLedger({ query: pool, schema })).rejects.toMatchObject(refused)
    const warnings: Warning[] = []
    await open({ schema, durable: 'best-effort', onWarning: (warning) => warnings.push(warning) })
    expect(warnings.map(({ code }) => code)).toEqual(['LEDGER_MAY_FORGET'])
    await open({ schema, assume: 'fsync' })
  })

  it('error: LEDGER_NOT_DURABLE when a standby is not waited for, until it is', async () => {
    const schema = await migrate()
    await follow('standby')
    const states = async () => (await pool.query('select sync_state from pg_stat_replication')).rows
    await expect.poll(states).toEqual([{ sync_state: 'async' }])
    const message = expect.stringContaining('synchronous_standby_names')
    await expect(createPostgresLedger({ query: pool, schema })).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message,
    })
    await expect(createPostgresLedger({ query: pool, schema })).rejects.toThrow("it doesn't wait for its standby")
    await setStandbys('standby')
    await expect.poll(states).toEqual([{ sync_state: 'sync' }])
    await pay(await open({ schema, durable: { replicas: 1 } }))
    await expect(createPostgresLedger({ query: pool, schema, durable: { replicas: 2 } })).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
    })
  })
})

describe('createPostgresLedger: looks at what it opens', () => {
  it('error: LEDGER_NOT_DURABLE when two standbys are to be waited for, and either is enough', async () => {
    const schema = await migrate()
    await Promise.all([follow('east'), follow('west')])
    const states = async () =>
      (await pool.query('select sync_state from pg_stat_replication')).rows.map(({ sync_state }) => sync_state)
    await setStandbys('ANY 1 (east, west)')
    await expect.poll(states).toEqual(['quorum', 'quorum'])
    await (await createPostgresLedger({ query: pool, schema, durable: { replicas: 1 } })).close()
    const both = { query: pool, schema, durable: { replicas: 2 } }
    await expect(createPostgresLedger(both)).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message: expect.stringContaining('1 of its 2 standbys'),
    })
    await setStandbys('ANY 2 (east, west)')
    await expect.poll(async () => createPostgresLedger(both).then((one) => one.close())).toBeUndefined()
  })

  it('opens while a backup is taken, and while changes are read one by one', async () => {
    const schema = await migrate()
    await pool.query("select pg_create_logical_replication_slot('changes', 'test_decoding')")
    onTestFinished(async () => {
      await pool.query("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'changes'")
      await expect.poll(() => pool.query("select pg_drop_replication_slot('changes')")).toBeTruthy()
    })
    const from = ['-d', server.url]
    runBeside('pg_recvlogical', [...from, '--slot', 'changes', '--start', '-f', '/dev/null'])
    runBeside('pg_basebackup', [...from, '-D', join(server.folder, 'backup'), '--max-rate=32k', '-c', 'fast'])
    const names = async () => (await pool.query('select application_name from pg_stat_replication')).rows.length
    await expect.poll(names, { timeout: 10_000 }).toBe(3)
    await pay(await open({ schema }))
  })

  it.each(['repeatable read', 'serializable'])('error: LEDGER_NOT_DURABLE when transactions are %s', async (level) => {
    const schema = await migrate()
    const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`
    const query = new pg.Pool({ connectionString: server.url, options })
    onTestFinished(() => query.end())
    await expect(createPostgresLedger({ query, schema, durable: 'best-effort' })).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message: expect.stringContaining("default_transaction_isolation = 'read committed'"),
    })
  })

  it('error: LEDGER_NOT_DURABLE when the database could not write what a seller says, in any language', async () => {
    await pool.query("create database latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'")
    const query = new pg.Pool({ connectionString: server.url.replace(/postgres$/, 'latin') })
    onTestFinished(() => query.end())
    await query.query(toMigration())
    await expect(createPostgresLedger({ query })).rejects.toMatchObject({
      code: 'LEDGER_NOT_DURABLE',
      message: expect.stringContaining('UTF8'),
    })
  })
})

describe('createPostgresLedger: says why it can not be used', () => {
  it('error: LEDGER_UNAVAILABLE when the database is missing, in the words of Postgres', async () => {
    const query = new pg.Pool({ connectionString: server.url.replace(/postgres$/, 'nowhere') })
    onTestFinished(() => query.end())
    const message = expect.stringContaining('database "nowhere" does not exist')
    await expect(createPostgresLedger({ query })).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', message })
  })

  it('error: LEDGER_UNAVAILABLE when nothing listens, with what the client says', async () => {
    const query = new pg.Pool({ connectionString: 'postgres://app@127.0.0.1:1/shop' })
    onTestFinished(() => query.end())
    const message = expect.stringContaining('ECONNREFUSED')
    const asked = createPostgresLedger({ query, patienceSeconds: 0.2 })
    await expect(asked).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', message })
  })

  it('error: LEDGER_UNAVAILABLE when `query` throws or resolves to something else, and names it', async () => {
    const mistaken = async () => {
      throw new TypeError('sql.unsave is not a function')
    }
    await expect(createPostgresLedger({ query: mistaken })).rejects.toThrow(
      '`query` threw (sql.unsave is not a function)',
    )
    const empty = async () => ({ rows: [] })
    await expect(createPostgresLedger({ query: empty })).rejects.toThrow('`query` resolved to something')
  })

  it('error: LEDGER_UNAVAILABLE quotes no value that Postgres quotes', async () => {
    const query = (text: string) => pool.query(text.includes('version()') ? "select 'a-secret'::int" : text)
    const error = await createPostgresLedger({ query }).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', message: expect.stringContaining('22P02') })
    expect(error.message).not.toContain('a-secret')
  })
})

describe('createPostgresLedger: asks', () => {
  it('four times for a payment, and twice for one that is refused', async () => {
    const steps: string[] = []
    const schema = await migrate()
    const query = (text: string, values: string[]) => {
      steps.push(/\.(\w+)\(\$1/.exec(text)?.[1] ?? 'look')
      return pool.query(text, values)
    }
    const ledger = await createPostgresLedger({ query, schema })
    onTestFinished(() => ledger.close())
    const { by, call } = createDraft()
    await ledger.spent(createCap(20))
    steps.length = 0
    await ledger.claim({ ...call, ...by })
    await pay(ledger)
    expect(steps).toEqual(['open', 'reserve', 'write', 'write'])
    steps.length = 0
    await ledger.claim({ ...call, ...by })
    expect(await ledger.reserve(createDraft(), [createCap(1)])).toMatchObject({ by: 'cap' })
    expect(steps).toEqual(['open', 'reserve'])
  })

  it('in no session: each statement may go over a connection of its own', async () => {
    const query = async (text: string, values: string[]) => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      return client.query(text, values).finally(() => client.end())
    }
    const ledger = await createPostgresLedger({ query, schema: await migrate() })
    onTestFinished(() => ledger.close())
    await pay(ledger)
    expect((await ledger.spent(createCap(1))).spent).toBe(DOLLAR)
  })

  it('for the disk where a payment is about to leave, and nowhere else', async () => {
    const waits: string[] = []
    const schema = await migrate()
    const query = async (text: string, values: string[]) => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const reply = await client.query(text, values)
        const [setting] = (await client.query('show synchronous_commit')).rows
        if (/\.(reserve|write)\(/.test(text)) waits.push(setting.synchronous_commit)
        await client.query('commit')
        return reply
      } finally {
        client.release()
      }
    }
    const ledger = await createPostgresLedger({ query, schema })
    onTestFinished(() => ledger.close())
    await pay(ledger)
    expect(waits).toEqual(['off', 'on', 'off'])
  })

  it('for no more than a thousand payments at once, where a cap was never asked for before', async () => {
    const schema = await migrate()
    const ledger = await open({ schema })
    const tagged = { call: { tags: ['research'] } }
    await pay(ledger, tagged)
    // 4,000 more of the same, made where they are kept.
    await pool.query(`insert into ${schema}.payments select place + n, md5(n::text), at_seconds, 1, '', deal, resource, amounts, counts, pin,
      is_unresolved, open_under, text from ${schema}.payments, generate_series(1, 4000) as n`)
    await pool.query(`delete from ${schema}.sums`)
    await pool.query(`update ${schema}.head set rows = 4001`)
    const whole = { held: 0n, spent: 4001n * DOLLAR, count: 4001 }
    for (const scope of [
      {},
      { tag: 'research' },
      { host: 'api.example.com' },
      { resource: createDraft().call.resource },
    ]) {
      expect(await ledger.spent(createCap(1, { scope }))).toEqual(whole)
      expect(await ledger.spent(createCap(1, { scope, windowSeconds: 3600 }))).toEqual(whole)
      expect((await ledger.spent(createCap(1, { scope, windowSeconds: 0 }))).count).toBe(0)
    }
    expect((await ledger.spent(createCap(1, { scope: { tag: 'other' } }))).count).toBe(0)
  })
})

describe('createPostgresLedger: when Postgres fails', () => {
  it('loses nothing and counts nothing twice, though it is killed and started again while 20 payments are under way', async () => {
    const ledger = await open({ patienceSeconds: 30 })
    const paid: string[] = []
    let restarted: Promise<void> | undefined
    const restart = async () => {
      await server.kill('SIGQUIT')
      await server.start()
    }
    // Honest callers: what was refused for the ledger's sake is tried again.
    const buy = async (name: string): Promise<void> => {
      try {
        paid.push(await pay(ledger, { call: named(name) }))
      } catch (error) {
        if (!isX402Error(error) || error.code !== 'LEDGER_UNAVAILABLE') throw error
        return buy(name)
      }
      if (paid.length === 5) restarted = restart()
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => buy(String(index))))
    await restarted
    expect(new Set(paid).size).toBe(20)
    const counted = (await readAll(ledger)).filter(({ state }) => state !== 'released')
    expect(counted.map(({ id }) => id).sort()).toEqual([...paid].sort())
    expect(await ledger.reserve(createDraft(), [createCap(20)])).toMatchObject({ by: 'cap' })
  })

  it('tells again what came of a payment, which a crash may have forgotten', async () => {
    const schema = await migrate()
    const ledger = await open({ schema })
    const id = await pay(ledger)
    // As a crash leaves it: what was durable is there, and what came after it isn't.
    const owner = (await pool.query(`select owner from ${schema}.owners`)).rows[0].owner
    await pool.query(`update ${schema}.payments set revision = 2, owner = $1 where id = $2`, [owner, id])
    const read = async () => (await pool.query(`select owner, revision from ${schema}.payments`)).rows
    await expect.poll(read, { timeout: 30_000 }).toEqual([{ owner: '', revision: '3' }])
  })

  it('reserves nothing where a slow disk holds that up until its caller gave up, and looked for what was left', async () => {
    const schema = await migrate()
    const ledger = await open({ schema, patienceSeconds: 1 })
    await pool.query(`create function ${schema}.hold() returns trigger language plpgsql as
      $$ begin perform pg_sleep(6); return new; end $$`)
    const held = `on ${schema}.payments for each row execute function ${schema}.hold()`
    await pool.query(`create trigger hold before insert ${held}`)
    await expect(ledger.reserve(createDraft(), [createCap(1)])).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    await new Promise((resolve) => setTimeout(resolve, 4500)) // a beat and more
    await pool.query(`drop trigger hold on ${schema}.payments`) // waits for the step
    expect((await ledger.spent(createCap(1))).count).toBe(0)
    expect(isRefusal(await ledger.reserve(createDraft(), [createCap(1)]))).toBe(false)
  })

  it('ends what a process wrote that was buried meanwhile, and then died', async () => {
    const schema = await migrate()
    let isWritten = false
    let commit = () => undefined as unknown
    const buried = new Promise((resolve) => {
      commit = () => resolve(undefined)
    })
    // A process that was frozen for longer than its lease: its step is under way as another one buries it.
    const query = async (text: string, values: string[]) => {
      if (!text.includes('.reserve(')) return pool.query(text, values)
      const client = await pool.connect()
      try {
        await client.query('begin')
        const reply = await client.query(text, values)
        isWritten = true
        await buried
        await client.query('commit')
        return reply
      } finally {
        client.release()
      }
    }
    let isDead = false
    const frozen = await createPostgresLedger({
      query: (...given) => (isDead ? Promise.reject(new Error('It died.')) : query(...given)),
      schema,
    })
    await pool.query(`update ${schema}.owners set until_ms = 0`)
    const reserved = frozen.reserve(createDraft({ call: { isKeyed: true } }), [createCap(1)])
    await expect.poll(() => isWritten).toBe(true)
    const other = await open({ schema })
    expect((await pool.query(`select from ${schema}.owners`)).rows).toHaveLength(1)
    isDead = true
    commit()
    await reserved
    const again = () => other.reserve(createDraft({ call: { isKeyed: true } }), [createCap(1)])
    await expect.poll(async () => isRefusal(await again()), { timeout: 30_000, interval: 1000 }).toBe(false)
    await frozen.close()
  })

  it('ends each step though it is frozen, and counts nothing afterwards that was given up', async () => {
    const ledger = await open({ patienceSeconds: 1 })
    const reserved = await ledger.reserve(createDraft({ call: named('reserved') }), [])
    if (isRefusal(reserved)) throw new Error('It was refused.')
    await pauseAll()
    const outcomes = await Promise.allSettled([
      ledger.reserve(createDraft(), []),
      ledger.note(reserved.id, sent),
      ledger.claim({ ...createDraft().call, ...createDraft().by }),
    ])
    await goOnAll()
    expect(outcomes.map((one) => one.status === 'rejected' && [one.reason.code, one.reason.money])).toEqual([
      ['LEDGER_UNAVAILABLE', 'untouched'],
      ['LEDGER_UNAVAILABLE', 'signed'],
      ['LEDGER_UNAVAILABLE', 'untouched'],
    ])
    await expect.poll(() => ledger.spent(createCap(9)), { timeout: 30_000 }).toEqual({ held: 0n, spent: 0n, count: 0 })
  })

  it('goes on where the clock of Postgres is set back by months', async () => {
    let isAhead = true
    const query: createPostgresLedger.Options['query'] = async (text, values) => {
      const { rows } = await pool.query(text, values)
      const [{ told }] = rows
      const reply = JSON.parse(told)
      return { rows: [{ told: JSON.stringify({ ...reply, atMs: reply.atMs + (isAhead ? 90 * 86_400_000 : 0) }) }] }
    }
    const ledger = await createPostgresLedger({ query, schema: await migrate() })
    onTestFinished(() => ledger.close())
    isAhead = false
    expect(isRefusal(await ledger.reserve(createDraft(), []))).toBe(false)
  })

  it('notes what came of a payment while it is away, and gives up what another process has had', async () => {
    const schema = await migrate()
    const first = await open({ schema })
    const other = await createPostgresLedger({ query: pool, schema })
    const id = await pay(first)
    const reserved = await other.reserve(createDraft({ call: { isKeyed: true } }), [])
    await other.close()
    expect(await readAll(first)).toMatchObject([{ state: 'released' }, { id, state: 'settled' }])
    expect(isRefusal(reserved)).toBe(false)
    await expect(other.note(id, lost)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  })
})

/** All processes of the server: those of its connections are others. */
async function pidsOf(): Promise<readonly number[]> {
  const { rows } = await pool.query("select pid from pg_stat_activity where backend_type = 'client backend'")
  return rows.map(({ pid }) => pid)
}

let frozen: readonly number[] = []

async function pauseAll(): Promise<void> {
  frozen = await pidsOf()
  server.pause()
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
}

async function goOnAll(): Promise<void> {
  for (const pid of frozen) process.kill(pid, 'SIGCONT')
  server.goOn()
}
