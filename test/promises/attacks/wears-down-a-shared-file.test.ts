import { statSync } from 'node:fs'
import fileSystem, { chown, open as openFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { connect } from 'node:net'
import { dirname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHolder, judgeHolder } from '../../../src/ledger/file/holder.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { openLocalFile } from '../../../src/ledger/file/local-file.js'
import { PROTOCOL, prove } from '../../../src/ledger/file/socket/greeting.js'
import { startService } from '../../../src/ledger/file/socket/service.js'
import { systemClock } from '../../../src/payment/clock.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { delivered, sent } from '../../../src/testing/ledger/events.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { bundleProgram, startChild } from '../../support/ledger/start-child.js'
import { endSharers, shareLedger } from '../../support/ledger/start-sharers.js'

const NOW = 1_700_000_000

const SLOW_MS = 300

const OPTIONS = {
  compactAfterLines: 1000,
  clock: systemClock,
  random: systemRandomBytes,
  warnings: { warn: () => undefined, tellFall: () => undefined },
}

afterAll(endSharers)

async function open(path: string): Promise<FileLedger> {
  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  return ledger
}

/** Another process that has the ledger open. */
const share = (path: string) => shareLedger(path, NOW)

describe('a process without rights', () => {
  it('is not let in by a secret of nothing, while a socket is open that is not yet closed to others', async () => {
    const path = await createLedgerPath()
    const slow = slowDown('chmod')
    const opening = open(path)
    const heard = await forge(`${path}.sock`)
    await opening
    expect(slow).toHaveBeenCalled()
    expect(heard).toHaveLength(1)
    expect(heard[0]).toHaveProperty('pay402')
  })

  it.runIf(process.getuid?.() === 0)('serves no ledger of its own by a lock that it made first', async () => {
    const path = await createLedgerPath()
    const endpoint = { address: `${path}.sock`, secret: 'known' }
    const service = await startService([endpoint])
    onTestFinished(() => service.stop())
    await writeFile(`${path}.lock`, JSON.stringify({ ...(await createHolder()), ...endpoint }))
    await chown(`${path}.lock`, 65_534, 65_534)
    await expect(createFileLedger(path)).rejects.toThrow('another user')
  })

  it('leads to no other ledger by a link in the place of a lock', async () => {
    const [path, other] = [await createLedgerPath(), await createLedgerPath()]
    await open(other)
    await symlink(`${other}.lock`, `${path}.lock`)
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
  })
})

describe('a disk that was full when a process had to take a file over', () => {
  it('is in nothing its way once there is room', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const ledger = await open(path)
    const handle = await openFile(path)
    const full = vi.spyOn(Object.getPrototypeOf(handle), 'writeFile').mockRejectedValue(new Error('ENOSPC'))
    onTestFinished(() => full.mockRestore())
    await handle.close()
    await server.kill()
    await expect(ledger.reserve(createDraft(), [])).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
    full.mockRestore()
    await expect(ledger.reserve(createDraft(), [])).resolves.toHaveProperty('id')
    expect((await readdir(dirname(path))).sort()).toEqual([
      'payments.ledger',
      'payments.ledger.lock',
      'payments.ledger.sock',
    ])
  })
})

describe('a process that dies while its step waits', () => {
  it('leaves nothing in flight, though whoever serves it first looks for another process that stayed away', async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const frozen = await share(path)
    await frozen.ask('reserve', [createDraft(), []], NOW)
    process.kill(frozen.pid ?? 0, 'SIGSTOP')
    await server.kill()
    const ledger = await open(path)
    const dying = await share(path)
    const away = slowDown('readFile')
    const draft = createDraft({ call: { ...named('a'), isKeyed: true } })
    dying.ask('reserve', [draft, []], NOW).catch(() => undefined)
    await vi.waitFor(() => expect(away).toHaveBeenCalled())
    await dying.kill()
    await setTimeout(2 * SLOW_MS)
    await expect(ledger.reserve(draft, [createCap(2)])).resolves.toHaveProperty('id')
  })

  it('is still named when it is back before its end is written, so that a takeover leaves it what it has', async () => {
    const path = await createLedgerPath()
    const [self, other] = [await createHolder(), await createHolder()]
    const local = await openLocalFile(path, { ...OPTIONS, self })
    const by = { owner: other.token, isAgain: false }
    await local.welcome(other)
    await local.engine.reserve(createDraft(), [], { ...by, token: 'a'.repeat(16) })
    const left = local.leave(other.token)
    await local.welcome(other)
    await left
    await local.engine.reserve(createDraft(), [], { ...by, token: 'b'.repeat(16) })
    await local.engine.compact()
    const next = await openLocalFile(path, { ...OPTIONS, self: await createHolder() })
    onTestFinished(() => Promise.all([local.engine.close(false), next.engine.close(false)]).then(() => undefined))
    expect([...next.engine.list({})].map(({ state }) => state)).toEqual(['reserved', 'released'])
  })
})

describe('a process that sees the processes of another sandbox', () => {
  it('holds who serves it to be there, whatever has the same number', async () => {
    const self = await createHolder()
    await expect(judgeHolder({ ...self, start: '1' }, { ...self, start: undefined })).resolves.toBe('alive')
    await expect(judgeHolder({ ...self, start: undefined }, self)).resolves.toBe('alive')
  })
})

describe('a payment whose caller was told that it never left', () => {
  it('counts no more, though its process ends before anyone answers', { retry: 3 }, async () => {
    const path = await createLedgerPath()
    const server = await share(path)
    const ledger = await createFileLedger(path)
    const reserved = await ledger.reserve(createDraft(), [])
    const { size } = statSync(path)
    const noting = ledger.note('id' in reserved ? reserved.id : '', sent)
    // Its line is written, and the reply isn't: a moment that a busy machine may miss.
    const freeze = (): unknown =>
      statSync(path).size > size ? process.kill(server.pid ?? 0, 'SIGSTOP') : setImmediate(freeze)
    freeze()
    await expect(noting).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'signed' })
    const closing = ledger.close()
    await setTimeout(100)
    await server.kill()
    await closing
    expect(await (await open(path)).spent(createCap(1))).toMatchObject({ count: 0 })
  })
})

describe('a payment that another process presented since', () => {
  it('stays counted when the one that first sent it wakes and says that it never left', async () => {
    const path = await createLedgerPath()
    const [self, sleeper, other] = [await createHolder(), await createHolder(), await createHolder()]
    const local = await openLocalFile(path, { ...OPTIONS, self })
    onTestFinished(() => local.engine.close(false))
    const by = ({ token: owner }: typeof self, token: string) => ({ owner, token: token.repeat(16), isAgain: false })
    await local.welcome(sleeper)
    await local.welcome(other)
    const reserved = await local.engine.reserve(createDraft(), [], by(sleeper, 'a'))
    if (isRefusal(reserved)) throw new Error('it was refused')
    await local.engine.note(reserved.id, sent, by(sleeper, 'b'))
    await local.leave(sleeper.token)
    const { purchase, coarse } = reserved.call
    const payers = reserved.payer === undefined ? [] : [reserved.payer]
    const claimant = { purchase, coarse, isKeyed: false, payers, nowSeconds: NOW, buysOver: false }
    await expect(local.engine.claim(claimant, by(other, 'c'))).resolves.toMatchObject({ is: 'yours' })
    await local.engine.note(reserved.id, delivered, by(other, 'd'))
    await local.welcome(sleeper)
    const unsent = { type: 'released', because: 'unsent' } as const
    await expect(local.engine.note(reserved.id, unsent, by(sleeper, 'e'))).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
      money: 'in-doubt',
    })
    expect(local.engine.spent(createCap(1))).toMatchObject({ count: 1 })
  })
})

describe('a value that is put once more, since its reply was lost', () => {
  it('was put, also where the file was written anew meanwhile', async () => {
    const path = await createLedgerPath()
    const [self, other] = [await createHolder(), await createHolder()]
    const local = await openLocalFile(path, { ...OPTIONS, self })
    const by = { owner: other.token, isAgain: false, token: 'a'.repeat(16) }
    await local.engine.put('use', 'proposal', 'purchase', undefined, by)
    await local.engine.compact()
    const next = await openLocalFile(path, { ...OPTIONS, self: await createHolder() })
    onTestFinished(() => Promise.all([local.engine.close(false), next.engine.close(false)]).then(() => undefined))
    const again = { ...by, isAgain: true }
    expect(await next.engine.put('use', 'proposal', 'purchase', undefined, again)).toBe(true)
    expect(await next.engine.put('use', 'proposal', 'purchase', undefined, { ...again, token: 'b'.repeat(16) })).toBe(
      false,
    )
  })
})

describe('a cluster whose primary is busy', () => {
  it('has one ledger for its workers all the same', async () => {
    const child = await startChild('busy-primary', [await createLedgerPath()])
    onTestFinished(child.kill)
    const told: string[] = []
    for await (const line of child.lines) if (told.push(line) === 2) break
    expect(told).toEqual(['open', 'open'])
  })
})

describe('a thread that ends before its process', () => {
  it('leaves its ledger to the others', async () => {
    const path = await createLedgerPath()
    const worker = new Worker(resolve(await bundleProgram('hold-ledger')), { argv: [path], stdin: true, stdout: true })
    onTestFinished(async () => void (await worker.terminate()))
    worker.stdin?.write('\n')
    await vi.waitFor(async () => expect(await readdir(dirname(path))).toContain('payments.ledger.sock'), 10_000)
    await (await createFileLedger(path)).close()
    await worker.terminate()
    await expect((await open(path)).reserve(createDraft(), [])).resolves.toHaveProperty('id')
  })
})

/** Makes a step of the file system slow until the test is over. */
function slowDown(step: 'chmod' | 'readFile') {
  const given = fileSystem[step]
  const slow = vi.spyOn(fileSystem, step).mockImplementation(async (...args: unknown[]) => {
    await setTimeout(SLOW_MS)
    return Reflect.apply(given, fileSystem, args)
  })
  syncBuiltinESMExports()
  onTestFinished(() => {
    slow.mockRestore()
    syncBuiltinESMExports()
  })
  return slow
}

/** Comes to a socket as soon as there is one, as a client that knows no secret, and returns what it's told until it's cut off. */
async function forge(address: string): Promise<readonly object[]> {
  const heard: object[] = []
  const process = await createHolder()
  while (!(await knock())) await setTimeout(1)
  return heard

  function knock(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(address)
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(heard.length > 0))
      socket.on('data', (data) => {
        for (const line of String(data).trim().split('\n')) {
          const told = JSON.parse(line)
          heard.push(told)
          const proof = prove('', 'client', told.nonce, 'nonce')
          if ('pay402' in told)
            socket.write(`${JSON.stringify({ protocol: PROTOCOL, nonce: 'nonce', proof, process })}\n`)
          else socket.destroy()
        }
      })
    })
  }
}
