import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { entries } from '../../../tsup.config.js'

/** The names that published code for buyers imports, by the module that it imports them from, and where they are here. */
const imports: readonly { from: string; entry: string; names: readonly string[] }[] = [
  {
    from: '@x402/fetch',
    entry: 'fetch',
    names: [
      'wrapFetchWithPayment',
      'wrapFetchWithPaymentFromConfig',
      'x402Client',
      'x402HTTPClient',
      'decodePaymentResponseHeader',
      'Network',
      'PaymentPayload',
      'PaymentPolicy',
      'PaymentRequired',
      'PaymentRequirements',
      'SchemeNetworkClient',
      'SchemeRegistration',
      'SelectPaymentRequirements',
      'x402ClientConfig',
    ],
  },
  {
    from: '@x402/axios',
    entry: 'axios',
    names: [
      'wrapAxiosWithPayment',
      'wrapAxiosWithPaymentFromConfig',
      'x402Client',
      'x402HTTPClient',
      'decodePaymentResponseHeader',
      'Network',
      'PaymentPayload',
      'PaymentPolicy',
      'PaymentRequired',
      'PaymentRequirements',
      'SchemeNetworkClient',
      'SchemeRegistration',
      'SelectPaymentRequirements',
      'x402ClientConfig',
    ],
  },
  {
    from: '@x402/core/client',
    entry: 'index',
    names: [
      'x402Client',
      'x402HTTPClient',
      'AfterPaymentCreationHook',
      'BeforePaymentCreationHook',
      'ClientExtension',
      'PaymentCreatedContext',
      'PaymentCreationContext',
      'PaymentCreationFailureContext',
      'PaymentPolicy',
      'PaymentRequiredContext',
      'PaymentRequiredHook',
      'PaymentResponseContext',
      'SchemeRegistration',
    ],
  },
  {
    from: '@x402/core/http',
    entry: 'index',
    names: [
      'x402HTTPClient',
      'decodePaymentRequiredHeader',
      'decodePaymentResponseHeader',
      'encodePaymentRequiredHeader',
      'encodePaymentResponseHeader',
      'encodePaymentSignatureHeader',
    ],
  },
  {
    from: '@x402/core/types',
    entry: 'index',
    names: [
      'Network',
      'PaymentPayload',
      'PaymentRequired',
      'PaymentRequirements',
      'SchemeNetworkClient',
      'SettleResponse',
    ],
  },
  {
    from: '@x402/evm',
    entry: 'evm',
    names: ['ExactEvmScheme', 'toClientEvmSigner', 'ClientEvmSigner'],
  },
  {
    from: '@x402/evm/exact/client',
    entry: 'evm',
    names: [
      'ExactEvmScheme',
      'registerExactEvmScheme',
      'EvmClientConfig',
      'ExactEvmSchemeConfig',
      'ExactEvmSchemeOptions',
    ],
  },
]

const exported = readExports([...new Set(imports.map(({ entry }) => entry))])

for (const { from, entry, names } of imports) {
  describe(`what is imported from ${from}`, () => {
    for (const name of names) {
      it(`has ${name} in ${entry === 'index' ? 'pay402' : `pay402/${entry}`}`, () => {
        expect(exported.get(entry)).toContain(name)
      })
    }
  })
}

/** What each entry exports, values and types. */
function readExports(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const files = names.map((name) => resolve(entries[name] ?? ''))
  const options = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noLib: true,
    types: [],
  }
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()
  return new Map(
    names.map((name, index) => {
      const source = program.getSourceFile(files[index] ?? '')
      const symbol = source && checker.getSymbolAtLocation(source)
      return [name, symbol === undefined ? [] : checker.getExportsOfModule(symbol).map((one) => one.name)]
    }),
  )
}
