import { expectTypeOf, test } from 'vitest'
import type { authorize } from '../../../src/flow/authorize.js'
import type { judge } from '../../../src/flow/judge.js'
import type { present } from '../../../src/flow/present.js'
import type { select } from '../../../src/flow/select.js'
import type { sign } from '../../../src/flow/sign.js'
import type { Payment } from '../../../src/payment/payment.js'
import type { HookRunner } from '../../../src/payment/ports.js'
import type { Authorized, Challenge, Delivered, Selected, Signed } from '../../../src/payment/steps.js'

/** The same facts without the brand, as a plug-in, a door or a test could write them down. */
type Forged<Step> = { readonly [Fact in keyof Step as Fact extends string ? Fact : never]: Step[Fact] }

test('each step takes what only the step before makes', () => {
  expectTypeOf<Parameters<typeof select>[0]>().toEqualTypeOf<Challenge>()
  expectTypeOf<Parameters<typeof authorize>[0]>().toEqualTypeOf<Selected>()
  expectTypeOf<Parameters<typeof sign>[0]>().toEqualTypeOf<Authorized>()
  expectTypeOf<Parameters<typeof present>[0]>().toEqualTypeOf<Signed>()
  expectTypeOf<Parameters<typeof judge>[2]>().toEqualTypeOf<Signed>()
  expectTypeOf<Parameters<HookRunner['announceResponse']>[0]>().toEqualTypeOf<Delivered>()
})

test('sign refuses anything but an Authorized', () => {
  type Argument = Parameters<typeof sign>[0]
  expectTypeOf<Selected>().not.toExtend<Argument>()
  expectTypeOf<Challenge>().not.toExtend<Argument>()
  expectTypeOf<Signed>().not.toExtend<Argument>()
  expectTypeOf<{ readonly selected: Selected; readonly payment: Payment }>().not.toExtend<Argument>()
})

test('no step takes what its step before did not make, whatever facts it holds', () => {
  expectTypeOf<Forged<Challenge>>().not.toExtend<Challenge>()
  expectTypeOf<Forged<Selected>>().not.toExtend<Selected>()
  expectTypeOf<Forged<Authorized>>().not.toExtend<Authorized>()
  expectTypeOf<Forged<Signed>>().not.toExtend<Signed>()
  expectTypeOf<Forged<Delivered>>().not.toExtend<Delivered>()
  // It has every fact: all that is missing is the brand.
  expectTypeOf<Authorized>().toExtend<Forged<Authorized>>()
  expectTypeOf<Signed>().toExtend<Forged<Signed>>()
})
