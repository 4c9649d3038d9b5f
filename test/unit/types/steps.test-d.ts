import { expectTypeOf, test } from 'vitest'
import type { authorize } from '../../../src/flow/authorize.js'
import type { deliver } from '../../../src/flow/deliver.js'
import type { readReceipt } from '../../../src/flow/read-receipt.js'
import type { select } from '../../../src/flow/select.js'
import type { sign } from '../../../src/flow/sign.js'
import type { Authorized, Challenge, Delivered, Selected, Signed } from '../../../src/flow/steps.js'

test('each step takes what only the step before makes', () => {
  expectTypeOf<Parameters<typeof select>[0]>().toEqualTypeOf<Challenge>()
  expectTypeOf<Parameters<typeof authorize>[0]>().toEqualTypeOf<Selected>()
  expectTypeOf<Parameters<typeof sign>[0]>().toEqualTypeOf<Authorized>()
  expectTypeOf<Parameters<typeof deliver>[0]>().toEqualTypeOf<Signed>()
  expectTypeOf<Parameters<typeof readReceipt>[0]>().toEqualTypeOf<Delivered>()
})

test('sign refuses anything but an Authorized', () => {
  type Argument = Parameters<typeof sign>[0]
  expectTypeOf<Selected>().not.toExtend<Argument>()
  expectTypeOf<Challenge>().not.toExtend<Argument>()
  expectTypeOf<Signed>().not.toExtend<Argument>()
  // The same facts without the brand, as a plug-in could write them down.
  expectTypeOf<{ readonly selected: Selected; readonly id: string }>().not.toExtend<Argument>()
})
