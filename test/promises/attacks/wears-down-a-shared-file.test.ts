import fileSystem from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHolder } from '../../../src/ledger/file/holder.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import { PROTOCOL, prove } from '../../../src/ledger/file/socket/greeting.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

async function open(path: string): Promise<FileLedger> {
  const ledger = await createFileLedger(path)
  onTestFinished(() => ledger.close())
  return ledger
}

describe('a process without rights', () => {
  it('is not let in by a secret of nothing, while a socket is open that is not yet closed to others', async () => {
    const path = await createLedgerPath()
    const { chmod } = fileSystem
    const slow = vi.spyOn(fileSystem, 'chmod').mockImplementation(async (...given) => {
      await setTimeout(300)
      return chmod(...given)
    })
    syncBuiltinESMExports()
    onTestFinished(() => {
      slow.mockRestore()
      syncBuiltinESMExports()
    })
    const opening = open(path)
    const heard = await forge(`${path}.sock`)
    await opening
    expect(slow).toHaveBeenCalled()
    expect(heard).toHaveLength(1)
    expect(heard[0]).toHaveProperty('pay402')
  })
})

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
