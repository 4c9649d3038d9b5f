// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import { chmod, lstat, mkdir, rm, rmdir } from 'node:fs/promises'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { platform } from 'node:process'
import { drawHex } from '../../../payment/random.js'
import type { JsonObject } from '../../../wire/json.js'
import { orMissing } from '../missing.js'

/** Where the process that has a ledger's file open serves others. */
export type Endpoint = {
  /** Of a socket, or of a pipe on Windows. */
  readonly address: string
  /** What a client must know. It's in the lock, which only the file's owner can read, and never on the wire. */
  readonly secret: string
}

/** Most bytes of a socket's address: macOS has room for 104 with the zero at the end, Linux for 108 (man 4 unix, man 7 unix: `sun_path`). */
const MAX_ADDRESS_BYTES = 103

/** What the names of folders begin with that hold one socket. */
const FOLDER = 'pay402-'

/**
 * The endpoints at which a ledger could be served, the best one first.
 *
 * @param file - The ledger's file.
 * @param token - Of the holder's lock.
 */
export function findEndpoints(file: string, token: string): readonly Endpoint[] {
  const secret = drawHex(16)
  if (platform === 'win32') return [{ address: `\\\\.\\pipe\\pay402-${token}`, secret }]
  const addresses = [`${file}.sock`, ...findFolders().map((folder) => join(folder, FOLDER + token, 's'))]
  const fitting = addresses.filter((address) => Buffer.byteLength(address) <= MAX_ADDRESS_BYTES)
  return fitting.map((address) => ({ address, secret }))
}

/** Folders for what doesn't last. The usual one may have a long name, as on macOS; Deno tells it only to who may read the environment. */
function findFolders(): readonly string[] {
  try {
    return [tmpdir(), '/tmp']
  } catch {
    return ['/tmp']
  }
}

/** Listens at an endpoint. Who calls it holds the lock: what is there is left over. */
export async function listenAt(server: Server, { address }: Endpoint): Promise<void> {
  if (isPrivate(address)) await mkdir(dirname(address), { mode: 0o700 })
  else if (platform !== 'win32') await removeSocket(address)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // By this very process: else a worker of a cluster is reached only while its primary has time.
    server.listen({ path: address, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  if (platform !== 'win32') await chmod(address, 0o600)
}

/** Removes what a process left at an endpoint that is gone. */
export async function removeEndpoint(endpoint: Endpoint | undefined): Promise<void> {
  if (endpoint === undefined || platform === 'win32') return
  await removeSocket(endpoint.address)
  // Only if nothing else is in it.
  if (isPrivate(endpoint.address)) await rmdir(dirname(endpoint.address)).catch(() => undefined)
}

/** Whether something is at an endpoint; a pipe is as long as its process. */
export async function isThere({ address }: Endpoint): Promise<boolean> {
  return platform === 'win32' || (await orMissing(lstat(address)).catch(() => true)) !== undefined
}

/** Reads what a lock says of its endpoint. */
export function readEndpoint({ address, secret }: JsonObject): Endpoint | undefined {
  return typeof address === 'string' && typeof secret === 'string' ? { address, secret } : undefined
}

function isPrivate(address: string): boolean {
  return basename(address) === 's' && basename(dirname(address)).startsWith(FOLDER)
}

/** Whatever a lock says: nothing but a socket is removed. */
async function removeSocket(address: string): Promise<void> {
  const found = await orMissing(lstat(address)).catch(() => undefined)
  if (found?.isSocket()) await rm(address, { force: true })
}
