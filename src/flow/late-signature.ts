import { SIGNED_TOO_LATE } from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { Ports } from '../payment/ports.js'
import { brandSigned, type Selected, type Signed } from '../payment/steps.js'
import { OPEN, reserve } from './authorize.js'
import { releaseUnsent } from './note.js'

/**
 * Counts a payment from now on whose signature took long. By when it was reserved it would leave its windows early, and what leaves within one of
 * them would be more than they allow.
 *
 * @param signed - Never sent; its payment is released.
 * @returns The same signature, of a payment that was reserved just now.
 * @throws {@link SigningError} `SIGNED_TOO_LATE` when others have taken its room in the meantime.
 */
export async function countAnew(signed: Signed, selected: Selected, ports: Ports): Promise<Signed> {
  const { assessment, challenge } = selected
  if ('refusal' in assessment) return signed
  await releaseUnsent(signed, ports)
  let cause: unknown
  try {
    const reserved = await reserve(selected, assessment, { payments: [], isPerhaps: false }, ports, true)
    if (reserved !== OPEN) return brandSigned({ ...signed, payment: reserved.payment })
  } catch (error) {
    cause = error
  }
  throw fail(SIGNED_TOO_LATE, {
    words: { what: 'others had taken its room in a limit on a stretch of time' },
    facts: { resource: challenge.call.resource },
    cause,
  })
}
