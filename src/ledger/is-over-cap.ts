import type { Cap, NewRecord } from '../flow/ports.js'
import { amountIn } from './charge.js'
import { isInScope } from './scope.js'
import type { Sums } from './window.js'

/**
 * Whether a cap refuses a new payment. A payment that it doesn't count, since it costs nothing in the cap's unit or isn't in its scope, is
 * never refused by it.
 *
 * @param record - What is to be paid.
 * @param cap - The cap.
 * @param readSums - Tells what counts against the cap already. It is asked only about a payment that the cap counts.
 * @returns What counts against the cap that refuses, or `undefined` where it lets the payment through.
 */
