import { execFile } from 'node:child_process'
import { platform } from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Runs npm, without the scripts of packages, and returns what it prints. */
export async function runNpm(args: readonly string[], cwd = '.'): Promise<string> {
  const { stdout } = await run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd,
    shell: platform === 'win32',
  })
  return stdout
}
