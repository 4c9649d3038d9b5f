import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFileSaver } from '../../../src/cli/mcp/saved-files.js'

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pay402-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'bought')
}

const file = (contentType: string | undefined) => ({
  bytes: Buffer.from('bytes'),
  isWhole: true,
  contentType,
  method: 'GET',
  url: 'https://api.example.com/../../etc/passwd.sh',
  payment: undefined,
})

describe('createFileSaver', () => {
  it('keeps a body in its folder, for its owner alone', async () => {
    const folder = createFolder()
    const path = await createFileSaver(folder)(file('image/png'))
    expect(dirname(path)).toBe(folder)
    expect(readFileSync(path, 'utf8')).toBe('bytes')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('writes over nothing: the same body twice is two files', async () => {
    const save = createFileSaver(createFolder())
    expect(await save(file('image/png'))).not.toBe(await save(file('image/png')))
  })

  it.each([
    ['image/png', '.png'],
    ['Application/PDF; name="x.exe"', '.pdf'],
    ['application/x-sh', '.bin'],
    ['text/html', '.bin'],
    ['../../evil', '.bin'],
    ['constructor', '.bin'],
    ['', '.bin'],
    [undefined, '.bin'],
  ])('ends a file of type %j in %s', async (type, ending) => {
    expect(extname(await createFileSaver(createFolder())(file(type)))).toBe(ending)
  })
})
