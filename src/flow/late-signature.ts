import { SIGNED_TOO_LATE } from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { Ports } from '../payment/ports.js'
import { brandSigned, type Selected, type Signed } from '../payment/steps.js'
import { isReserved, reserve } from './authorize.js'
import { releaseUnsent } from './note.js'

/** Longest that a signature may take and count in windows from when it was reserved, in seconds; of short windows a twelfth. A choice of ours. */
const IN_TIME_SECONDS = 5

/**
 * Counts a payment from now on whose signature took long, since a person let a wallet's question wait. By when it was reserved it would leave its windows early, or its month, and what leaves within one of
 * them would be more than they allow.
 *
 * @param signed - Never sent; its payment is released.
 * @param seconds - How long it took.
 * @returns The same signature, of a payment that was reserved just now; as it was where it came in time.
 * @throws {@link SigningError} `SIGNED_TOO_LATE` when others have taken its room in the meantime.
 */
export async function countLate(signed: Signed, selected: Selected, seconds: number, ports: Ports): Promise<Signed> {
  const { assessment, challenge } = selected
  if ('refusal' in assessment) return signed
  const isLate = assessment.caps.some(
    ({ windowSeconds = Number.POSITIVE_INFINITY, monthIn }) =>
      (monthIn !== undefined || windowSeconds < Number.POSITIVE_INFINITY) &&
      (seconds >= IN_TIME_SECONDS || seconds * 12 >= windowSeconds),
  )
  if (!isLate) return signed
  await releaseUnsent(signed, ports, { keepsApproval: true })
  let cause: unknown
  try {
    const reserved = await reserve(selected, assessment, { payments: [], isPerhaps: false }, ports, {
      isLast: true,
      approval: signed.payment.approval,
    })
    if (isReserved(reserved)) return brandSigned({ ...signed, payment: reserved.payment })
  } catch (error) {
    cause = error
  }
  throw fail(SIGNED_TOO_LATE, {
    words: { what: 'others had taken its room in a limit on a stretch of time' },
    facts: { resource: challenge.call.resource },
    cause,
  })
}

/** How long a signature and its hooks may take before a freeze is looked for once more, in milliseconds: a key of this process takes a few. A choice of ours. */
export const AT_ONCE_MS = 100
