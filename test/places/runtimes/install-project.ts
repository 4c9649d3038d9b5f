import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { runNpm } from './run-npm.js'

const Manifest = z.object({
  exports: z.record(z.string(), z.unknown()),
  peerDependencies: z.record(z.string(), z.string()),
})

/** A project elsewhere, with the packed package installed. */
export type Project = {
  readonly folder: string
  /** As `package.json` names them: `.`, `./fetch`, … */
  readonly entries: readonly string[]
  remove(): Promise<void>
}

/** Builds and packs the package, and installs it as a user would. */
export async function installProject(): Promise<Project> {
  const { exports, peerDependencies } = Manifest.parse(JSON.parse(await readFile('package.json', 'utf8')))
  const folder = await mkdtemp(join(tmpdir(), 'pay402-runtimes-'))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await runNpm(['run', 'build'])
  const tarball = (await runNpm(['pack', '--pack-destination', folder])).trim()
  await runNpm(['install', '--no-package-lock', `./${tarball}`], folder)
  for (const name of Object.keys(peerDependencies)) await linkPeer(folder, name)
  const entries = Object.keys(exports).filter((path) => path !== './package.json')
  return { folder, entries, remove: () => rm(folder, { recursive: true }) }
}

/** What an entry needs and its user brings; the one that is here saves a download. */
async function linkPeer(folder: string, name: string): Promise<void> {
  const place = join(folder, 'node_modules', name)
  await mkdir(dirname(place), { recursive: true })
  await symlink(resolve('node_modules', name), place, 'junction')
}

/**
 * Puts the scenario into a folder of its own within a project.
 *
 * @param name - Of the folder.
 * @param entries - What the scenario loads.
 * @returns The folder.
 */
export async function placeScenario(project: string, name: string, entries: readonly string[]): Promise<string> {
  const folder = join(project, name.replaceAll(' ', '-'))
  await cp(join(import.meta.dirname, 'scenario'), folder, { recursive: true })
  const lines = entries.map((entry) => {
    const specifier = JSON.stringify(entry.replace('.', 'pay402'))
    return `  ${specifier}: () => import(${specifier}),\n`
  })
  await writeFile(join(folder, 'entries.js'), `export const entries = {\n${lines.join('')}}\n`)
  return folder
}
