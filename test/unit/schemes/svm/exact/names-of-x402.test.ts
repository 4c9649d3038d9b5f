import * as official from '@x402/svm'
import { NETWORKS as OFFICIAL_NETWORKS } from '@x402/svm/v1'
import { describe, expect, it } from 'vitest'
import * as ours from '../../../../../schemes/svm/index.js'
import { createOffer } from '../../../../support/offers.js'
import { startRpc } from '../../evm/start-rpc.js'

const signer = await ours.toClientSvmSigner(new Uint8Array(32).fill(0x22))
const payTo = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4'
const extra = { feePayer: '9aE476sH92Vz7DMPyq5WLPkrKWivxeuTKEFKd2sZZcde', recentBlockhash: payTo }
const { amount: maxAmountRequired, ...rest } = createOffer({
  network: 'solana-devnet',
  asset: ours.USDC_DEVNET_ADDRESS,
  payTo,
  extra,
})
const entry = { ...rest, maxAmountRequired, resource: 'https://api.example.com/', description: '', mimeType: '' }

describe('the names of @x402/svm', () => {
  it('mean the same networks and mints', () => {
    for (const cluster of ['MAINNET', 'DEVNET', 'TESTNET']) {
      for (const name of [`SOLANA_${cluster}_CAIP2`, `USDC_${cluster}_ADDRESS`]) {
        expect(Reflect.get(ours, name)).toBe(Reflect.get(official, name))
      }
    }
    expect([...ours.NETWORKS].sort()).toEqual([...OFFICIAL_NETWORKS].sort())
  })

  it('ExactSvmSchemeV1 signs an entry as it is in protocol 1', async () => {
    const scheme = new ours.ExactSvmSchemeV1(signer, { rpc: {} })
    const paid = await scheme.createPaymentPayload(1, entry as never)
    expect(paid).toMatchObject({ x402Version: 1, scheme: 'exact', network: 'solana-devnet' })
    expect(paid.payload.transaction).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(scheme.findDefaultAsset(ours.USDC_DEVNET_ADDRESS, 'solana-devnet' as never)).toMatchObject({
      symbol: 'USDC',
    })
  })

  it('error: TERMS_REFUSED for an entry that can not be read, and nothing is signed', async () => {
    const paying = new ours.ExactSvmSchemeV1(signer).createPaymentPayload(1, { ...entry, payTo: undefined } as never)
    await expect(paying).rejects.toMatchObject({
      code: 'TERMS_REFUSED',
      shortMessage: 'Refused to sign: payTo is missing.',
    })
  })
})

describe('rpcUrl', () => {
  it('is the one that is asked, about any cluster', async () => {
    const rpc = await startRpc(() => null)
    const scheme = new ours.ExactSvmScheme(signer, { rpcUrl: rpc.url })
    const { maxAmountRequired: amount, ...terms } = entry
    const asked = { ...terms, amount, network: ours.SOLANA_MAINNET_CAIP2, asset: ours.USDC_MAINNET_ADDRESS }
    const { recentBlockhash: _hint, ...silent } = extra
    await expect(scheme.createPaymentPayload(2, { ...asked, extra: silent } as never)).rejects.toThrow()
    expect(rpc.calls.map(({ method }) => method)).toContain('getGenesisHash')
    expect([scheme.canReconcile(`solana:${'A'.repeat(32)}` as never), scheme.canReconcile('eip155:1')]).toEqual([
      true,
      false,
    ])
  })

  it('is taken by registerExactSvmScheme, and undefined is none', () => {
    const registered: unknown[] = []
    const registrar = {
      register: (_network: string, scheme: unknown) => registered.push(scheme),
      registerPolicy: () => undefined,
    }
    ours.registerExactSvmScheme(registrar, { signer, schemeOptions: { rpcUrl: 'http://127.0.0.1:1' } })
    ours.registerExactSvmScheme(registrar, { signer, schemeOptions: { rpcUrl: undefined } })
    expect(registered).toHaveLength(2)
  })

  it.each([
    ['next to rpc', { rpcUrl: 'http://127.0.0.1:1', rpc: {} }, 'The option `rpcUrl` must be alone'],
    ['that is no address', { rpcUrl: 'secret-key' }, "The option `rpc['solana:*']` must be"],
  ])('error: INVALID_OPTION %s, which the error never holds', (_what, options, message) => {
    expect(() => new ours.ExactSvmScheme(signer, options as never)).toThrow(message)
    expect(() => new ours.ExactSvmScheme(signer, options as never)).not.toThrow('secret-key')
  })
})
