#!/usr/bin/env node
// biome-ignore-all lint/correctness/noNodejsModules: the command line is for Node alone
import { homedir, userInfo } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { runProgram } from './program.js'

/** The version of package.json, which the build puts here. */
declare const PAY402_VERSION: string

const code = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  user: readUser(),
  platform: process.platform,
  // From `dist`, where the build puts this.
  pages: fileURLToPath(new URL('../docs', import.meta.url)),
  version: PAY402_VERSION,
  onInterrupt(listener) {
    process.on('SIGTERM', listener)
    process.on('SIGINT', listener)
  },
})
// Connections to sellers may be kept open, and no one waits for them anymore.
process.exit(code)

/** Throws for an account without an entry in the system, as in a container that runs as any number. Source: Node, "os.userInfo". */
function readUser(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
