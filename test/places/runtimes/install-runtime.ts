import { existsSync } from 'node:fs'
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { runNpm } from './run-npm.js'
import type { RuntimePackage } from './runtimes.js'

/** Git-ignored; some hundred megabytes that are downloaded once. */
const CACHE = resolve('.cache/runtimes')

const Manifest = z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })

/**
 * Installs a runtime with npm, unless it's there already.
 *
 * @returns The program for this machine.
 */
export async function installRuntime({ name, version, programs }: RuntimePackage): Promise<string> {
  const modules = join(await installPackages(`${name}-${version}`, [`${name}@${version}`]), 'node_modules')
  const manifest = Manifest.parse(JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8')))
  const parts = Object.keys(manifest.optionalDependencies ?? {})
  // A package's own program may be a script that waits for an install script to replace it, so the machine's come first.
  const places = [...parts, name].flatMap((part) => programs.map((program) => join(modules, part, program)))
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error(`${name}@${version} has no program for this machine`)
  await access(found, constants.X_OK)
  return found
}

/**
 * Installs packages with npm into a folder of their own, unless they're there already.
 *
 * @param name - Of the folder; names the versions, too.
 * @returns The folder.
 */
export async function installPackages(name: string, specifiers: readonly string[]): Promise<string> {
  const folder = join(CACHE, name)
  if (!existsSync(folder)) await installInto(folder, specifiers)
  return folder
}

/** Installs elsewhere first, so that what is there is whole. */
async function installInto(folder: string, specifiers: readonly string[]): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const fresh = await mkdtemp(join(CACHE, 'new-'))
  try {
    await writeFile(join(fresh, 'package.json'), '{ "private": true }')
    await runNpm(['install', '--no-package-lock', ...specifiers], fresh)
    // Another worker may have been faster.
    await rename(fresh, folder).catch((error) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}
