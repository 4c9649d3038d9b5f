import { PART_NOT_LOADED } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'

/**
 * Waits for a part of pay402 that is loaded on demand, always before anything is signed: in an old page, its file may be gone from the server.
 *
 * @throws {@link ConfigurationError} `PART_NOT_LOADED`; the call that needed it signed nothing.
 */
export async function loadPart<Part>(loading: Promise<Part>): Promise<Part> {
  try {
    return await loading
  } catch (cause) {
    throw fail(PART_NOT_LOADED, { cause })
  }
}
