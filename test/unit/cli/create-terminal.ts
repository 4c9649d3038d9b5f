import { PassThrough } from 'node:stream'
import type { Terminal } from '../../../src/cli/terminal.js'

/** A terminal of a test: what is written to it can be read, and no key of this machine is in it. */
export function createTerminal(parts: Partial<Pick<Terminal, 'env' | 'cwd' | 'home' | 'user' | 'platform'>> = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const interrupts: (() => void)[] = []
  const terminal: Terminal = {
    env: {},
    cwd: '/nowhere',
    home: '/home/someone',
    user: '',
    platform: 'linux',
    ...parts,
    stdin,
    stdout,
    stderr,
    pages: '/package/docs',
    version: '1.2.3',
    onInterrupt: (listener) => void interrupts.push(listener),
  }
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { terminal, stdin, stdout, readStdout: () => read(stdout), readStderr: () => read(stderr) }
}
