import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

async function open(path: string): Promise<FileLedger> {
  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  return ledger
}

async function reserve(ledger: FileLedger): Promise<string> {
  const reserved = await ledger.reserve(createDraft(), [])
  return isRefusal(reserved) ? '' : reserved.id
}

describe('createFileLedger, shared: its socket', () => {
  const readLock = async (path: string) => JSON.parse(await readFile(`${path}.lock`, 'utf8'))

  it.each<[string, string | Buffer]>([
    ['no JSON', 'hello\n'],
    ['no greeting', '{}\n'],
    ['no end', Buffer.alloc(10_000, 'a')],
    ['a step without a greeting', '{"q":1,"do":"list","filter":{}}\n'],
    ['a proof that is none', `${JSON.stringify({ protocol: 1, nonce: 'a', proof: 'b'.repeat(64), process: {} })}\n`],
  ])('cuts off who sends %s, and goes on', async (_what, bytes) => {
    const path = await createLedgerPath()
    const ledger = await open(path)
    const other = await open(path)
    const { address, secret } = await readLock(path)
    const socket = connect(address)
    let told = ''
    socket.on('data', (chunk) => {
      told += chunk
    })
    const closed = new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined))
    socket.write(bytes)
    await closed
    expect(told).not.toContain(secret)
    expect(told.split('\n')).toHaveLength(2)
    await reserve(other)
    expect(await readAll(ledger)).toHaveLength(1)
  })

  /** A program that has taken the place of the one that the lock names. */
  async function squat(path: string, greeting: object): Promise<{ told(): string; secret: string }> {
    const ledger = await createFileLedger(path)
    const lock = await readLock(path)
    await ledger.close()
    let told = ''
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      socket.on('data', (chunk) => {
        told += chunk
      })
      socket.write(`${JSON.stringify(greeting)}\n`)
    })
    const address = `${path}.other`
    await new Promise<void>((resolve) => server.listen(address, resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await writeFile(`${path}.lock`, JSON.stringify({ ...lock, token: 'a'.repeat(32), address }))
    return { told: () => told, secret: lock.secret }
  }

  it('error: LEDGER_LOCKED when another version of pay402 speaks there', async () => {
    const path = await createLedgerPath()
    await squat(path, { pay402: 'ledger', protocol: 2, nonce: 'a' })
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_LOCKED', money: 'untouched' })
  })

  it('error: LEDGER_UNAVAILABLE when one speaks there that does not know the secret, and it is told neither that nor a payment', async () => {
    const path = await createLedgerPath()
    const squatter = await squat(path, { pay402: 'ledger', protocol: 1, nonce: 'a' })
    await expect(createFileLedger(path)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    expect(squatter.told()).toContain('"proof"')
    expect(squatter.told()).not.toContain(squatter.secret)
  })

  it('is readable by its owner alone, and so is the lock with its secret, which the file never holds', async () => {
    const path = await createLedgerPath()
    await open(path)
    const modes = [`${path}.sock`, `${path}.lock`].map(async (file) => (await stat(file)).mode & 0o777)
    expect(await Promise.all(modes)).toEqual([0o600, 0o600])
    const other = await open(path)
    await reserve(other)
    const { address, secret } = await readLock(path)
    expect(address).toBe(`${path}.sock`)
    expect(await readFile(path, 'utf8')).not.toContain(secret)
  })

  it('is in a folder of its own where the name of the file is too long, and goes with it', async () => {
    const path = `${await createLedgerPath()}-${'a'.repeat(100)}`
    const ledger = await createFileLedger(path)
    const other = await open(path)
    await reserve(other)
    expect(await readAll(ledger)).toHaveLength(1)
    const { address } = await readLock(path)
    expect(dirname(address)).not.toBe(dirname(path))
    expect(await readdir(dirname(address))).toEqual(['s'])
    await other.close()
    await ledger.close()
    await expect(readdir(dirname(address))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([
    ['next to the file', ''],
    ['in a folder of its own', 'a'.repeat(100)],
  ])('%s is opened again when somebody removed it, and those who are in stay', async (_where, name) => {
    const path = `${await createLedgerPath()}${name}`
    const ledger = await open(path)
    const other = await open(path)
    const { address } = await readLock(path)
    await rm(name === '' ? address : dirname(address), { recursive: true })
    await reserve(other)
    await expect.poll(() => stat(address).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
    await reserve(await open(path))
    await reserve(other)
    expect(await readAll(ledger)).toHaveLength(3)
  })

  it('is opened again where the lock was removed, and who had it before took the socket along', async () => {
    const path = await createLedgerPath()
    const before = await open(path)
    await rm(`${path}.lock`)
    const now = await open(path)
    await reserve(now)
    await expect(reserve(before)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched' })
    await expect.poll(() => stat(`${path}.sock`).catch(() => undefined), { timeout: 30_000 }).toBeDefined()
    for (const ledger of [before, await open(path), now]) await reserve(ledger)
    expect(await readAll(now)).toHaveLength(4)
  })

  it('leaves alone what has its name and is none', async () => {
    const path = await createLedgerPath()
    await writeFile(`${path}.sock`, 'mine')
    await open(path)
    const other = await open(path)
    expect(await reserve(other)).not.toBe('')
    expect(await readFile(`${path}.sock`, 'utf8')).toBe('mine')
  })
})
