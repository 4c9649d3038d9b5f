import { Wallet } from 'ethers'
import {
  type Account,
  type Chain,
  createClient,
  createWalletClient,
  custom,
  type HDAccount,
  type HttpTransport,
  http,
  type JsonRpcAccount,
  type LocalAccount,
  type PrivateKeyAccount,
  type Transport,
  verifyHash,
  verifyTypedData,
  type WalletClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { baseSepolia } from 'viem/chains'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type EvmSigner, ExactEvmScheme, type TypedData } from '../../../../schemes/evm/index.js'
import { pinned, readVector } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const context = { clock: pinned.clock, random: pinned.random }
const expected = readVector('exact-eip3009').result?.payload['signature']

const sign = async (signer: EvmSigner, options?: ExactEvmScheme.Options) => {
  const { payload } = await new ExactEvmScheme(signer, options).createPaymentPayload(2, createTerms(), context)
  return payload.signature
}

describe('ExactEvmScheme: signs with', () => {
  test('a viem account', async () => {
    expect(await sign(account)).toBe(expected)
  })

  test('a viem WalletClient that holds an account', async () => {
    expect(await sign(createWalletClient({ account, transport: http('http://127.0.0.1:1') }))).toBe(expected)
  })

  test('a viem WalletClient that holds an account, hashing by itself', async () => {
    const client = createWalletClient({ account, chain: baseSepolia, transport: http('http://127.0.0.1:1') })
    expect(await sign(client, { signing: 'hash' })).toBe(expected)
  })

  test('a viem WalletClient whose key is in a wallet behind JSON-RPC', async () => {
    const asked: string[] = []
    const wallet = createWalletClient({
      account: account.address,
      transport: custom({
        async request({ method, params }: { method: string; params: [address: `0x${string}`, typedData: string] }) {
          asked.push(method)
          return account.signTypedData(JSON.parse(params[1]))
        },
      }),
    })
    expect(await sign(wallet)).toBe(expected)
    expect(asked).toEqual(['eth_signTypedData_v4'])
  })

  test('a class with a private key, which keeps its `this`', async () => {
    class Vault {
      readonly #account = account
      get address() {
        return this.#account.address
      }
      signTypedData(typedData: TypedData) {
        return this.#account.signTypedData(typedData)
      }
      sign(parameters: { hash: `0x${string}` }) {
        return this.#account.sign(parameters)
      }
    }
    expect(await sign(new Vault())).toBe(expected)
    expect(await sign(new Vault(), { signing: 'hash' })).toBe(expected)
  })

  test('a bare viem client that holds an account', async () => {
    const client = createClient({ account, transport: http('http://127.0.0.1:1') })
    const signer: EvmSigner = Object.assign(client, { signTypedData: account.signTypedData })
    expect(await sign(signer)).toBe(expected)
    const bare = createClient({ account, transport: http('http://127.0.0.1:1') })
    const scheme: ExactEvmScheme = Reflect.construct(ExactEvmScheme, [bare])
    expect((await scheme.createPaymentPayload(2, createTerms(), context)).payload.signature).toBe(expected)
  })

  test.each([
    ['a frozen account', Object.freeze({ ...account })],
    ['an account behind a proxy', new Proxy(account, {})],
    [
      'a wallet client behind a proxy',
      new Proxy(createWalletClient({ account, transport: http('http://127.0.0.1:1') }), {}),
    ],
  ])('%s', async (_what, signer) => {
    expect(await sign(signer)).toBe(expected)
    expect(await sign(signer, { signing: 'hash' })).toBe(expected)
  })

  test.each([
    ['one byte', '0x01'],
    ['64 bytes, as of a passkey', `0x${'ab'.repeat(64)}`],
    ['66 bytes that end in 0', `0x${'ab'.repeat(65)}00`],
    ['200 bytes', `0x${'ab'.repeat(200)}`],
    ['a wrapper for an account that is not deployed yet', `0x${'00'.repeat(96)}${'6492'.repeat(16)}`],
    [
      'a Safe’s mark for a hash that was approved on the chain',
      `0x${pinned.evmAddress.slice(2).padStart(64, '0')}${'0'.repeat(64)}01`,
    ],
  ])('a contract account, whose signature is %s, byte for byte', async (_what, signature) => {
    expect(await sign({ address: account.address, signTypedData: async () => signature })).toBe(signature)
  })

  test.each([
    ['0', '1b', '00'],
    ['1', '1c', '01'],
  ])('a key service that counts the recovery id from 0: %s becomes %s', async (_id, last, raw) => {
    const start = `0x${'ab'.repeat(64)}`
    expect(await sign({ address: account.address, signTypedData: async () => `${start}${raw}` })).toBe(
      `${start}${last}`,
    )
  })
})

test('EvmSigner: takes the types of viem as they are', () => {
  expectTypeOf<LocalAccount>().toExtend<EvmSigner>()
  expectTypeOf<PrivateKeyAccount>().toExtend<EvmSigner>()
  expectTypeOf<HDAccount>().toExtend<EvmSigner>()
  expectTypeOf<WalletClient<Transport, Chain, Account>>().toExtend<EvmSigner>()
  expectTypeOf<WalletClient<HttpTransport, undefined, JsonRpcAccount>>().toExtend<EvmSigner>()
  expectTypeOf<WalletClient<Transport, Chain, undefined>>().not.toExtend<EvmSigner>()
  expectTypeOf<JsonRpcAccount>().not.toExtend<EvmSigner>()
  expectTypeOf<string>().not.toExtend<EvmSigner>()
})

test('ExactEvmScheme: signs what anybody can verify', async () => {
  let asked: TypedData | undefined
  const signature = await sign({
    address: account.address,
    signTypedData(typedData) {
      asked = typedData
      return account.signTypedData(typedData)
    },
  })
  if (asked === undefined) throw new Error('The signer was not asked.')
  expect(await verifyTypedData({ ...asked, address: account.address, signature })).toBe(true)
})

const signTypedData = account.signTypedData
const withoutAccount = createWalletClient({ transport: http('http://127.0.0.1:1') })

test.each<[what: string, signer: unknown, message: RegExp]>([
  ['missing', undefined, /is not an object/],
  ['null', null, /is not an object/],
  ['a function', () => account, /is not an object/],
  ['a private key', pinned.evmPrivateKey, /is a string[\s\S]*privateKeyToAccount/],
  ['a wallet client without an account', withoutAccount, /without an account[\s\S]*createWalletClient\(\{ account/],
  ['an address without a key', { address: account.address }, /no signTypedData[\s\S]*Pass a local account/],
  ['a signTypedData without an address', { signTypedData }, /address is not an address of 20 bytes/],
  ['a wallet of a browser', { request: async () => undefined }, /no signTypedData[\s\S]*fromEip1193/],
  [
    'a remote signer',
    { getAddress: async () => account.address, signTypedData },
    /only getAddress[\s\S]*fromRemoteSigner/,
  ],
  ['an account with a short address', { address: '0x1234', signTypedData }, /address is not an address of 20 bytes/],
  ['an ethers wallet', new Wallet(pinned.evmPrivateKey), /several arguments[\s\S]*await fromEthers\(signer\)/],
  ['an account of nobody', { address: `0x${'0'.repeat(40)}`, signTypedData }, /address is the zero address/],
  [
    'an account with a mistyped address',
    { address: account.address.replace('E', 'e'), signTypedData },
    /fails its checksum/,
  ],
  [
    'an account whose address is its key',
    { address: pinned.evmPrivateKey, signTypedData },
    /not an address of 20 bytes/,
  ],
])('error: INVALID_SIGNER when the signer is %s', (_what, signer, message) => {
  const construct = () => Reflect.construct(ExactEvmScheme, [signer])
  expect(construct).toThrow(expect.objectContaining({ code: 'INVALID_SIGNER', money: 'untouched' }))
  expect(construct).toThrow(message)
  expect(construct).not.toThrow(/1111/)
})

test("error: INVALID_SIGNER when signing is 'hash' and the signer has no sign", () => {
  const signer = { address: account.address, signTypedData }
  expect(() => new ExactEvmScheme(signer, { signing: 'hash' })).toThrow(
    expect.objectContaining({ code: 'INVALID_SIGNER' }),
  )
})

test.each<[what: string, answer: unknown]>([
  ['nothing', undefined],
  ['an empty signature', '0x'],
  ['half a byte', `0x${'ab'.repeat(65)}a`],
  ['no hex', `0x${'zz'.repeat(65)}`],
  ['an object', { r: '0x', s: '0x', v: 27 }],
])('error: SIGNATURE_MALFORMED when the signer answers %s, which the error never holds', async (_what, answer) => {
  const signer = { address: account.address, signTypedData: () => answer }
  const scheme: ExactEvmScheme = Reflect.construct(ExactEvmScheme, [signer])
  const error: unknown = await scheme.createPaymentPayload(2, createTerms(), context).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'SIGNATURE_MALFORMED', money: 'untouched' })
  expect(JSON.stringify(error)).not.toMatch(/abab|zzzz/)
})

describe('ExactEvmScheme: with `verify`', () => {
  const stranger = privateKeyToAccount(`0x${'22'.repeat(32)}`)
  const impostor = { address: account.address, signTypedData: stranger.signTypedData }

  test('takes a signature of the payer', async () => {
    expect(await sign(account, { verify: verifyHash })).toBe(expected)
  })

  test('error: SIGNATURE_UNVERIFIED when the wallet signs with another key', async () => {
    expect(await sign(impostor)).not.toBe(expected)
    await expect(sign(impostor, { verify: verifyHash })).rejects.toMatchObject({
      code: 'SIGNATURE_UNVERIFIED',
      money: 'released',
    })
  })

  test('error: SIGNATURE_UNVERIFIED when nobody can be asked', async () => {
    const cause = new Error('no chain')
    await expect(sign(account, { verify: () => Promise.reject(cause) })).rejects.toMatchObject({
      code: 'SIGNATURE_UNVERIFIED',
      cause,
    })
  })

  test.each([1, 'true', {}, undefined])(
    'error: SIGNATURE_UNVERIFIED when the answer is %j instead of true',
    async (answer) => {
      await expect(sign(account, { verify: () => answer as boolean })).rejects.toMatchObject({
        code: 'SIGNATURE_UNVERIFIED',
      })
    },
  )

  test('error: INVALID_OPTION when it is no function', () => {
    const options = { verify: 'yes' }
    expect(() => Reflect.construct(ExactEvmScheme, [account, options])).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

test('ExactEvmScheme: passes on what the signer throws', async () => {
  const refusal = new Error('User rejected the request.')
  const signer = { address: account.address, signTypedData: () => Promise.reject(refusal) }
  await expect(sign(signer)).rejects.toBe(refusal)
})
