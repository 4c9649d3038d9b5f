import { BrowserProvider, type HDNodeWallet, Wallet } from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  custom,
  type EIP1193Provider,
  http,
  recoverTypedDataAddress,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type EthersSigner,
  type EvmSigner,
  ExactEvmScheme,
  fromEip1193,
  fromEthers,
  fromRemoteSigner,
  type TypedData,
  toClientEvmSigner,
  type WalletProvider,
} from '../../../../schemes/evm/index.js'
import { pinned, readVector } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'
import { createPermit2Terms } from './permit2/permit2-terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const context = { clock: pinned.clock, random: pinned.random }
const expected = readVector('exact-eip3009').result?.payload['signature']
const CHAIN_ID = 84_532

async function sign(signer: EvmSigner, options?: ExactEvmScheme.Options) {
  const scheme = new ExactEvmScheme(signer, options)
  expect(scheme.payer).toBe(account.address)
  return (await scheme.createPaymentPayload(2, createTerms(), context)).payload.signature
}

type Asked = { method: string; params?: readonly unknown[] | undefined }

/** A wallet in a browser, with our key in it; `answers` are what it does otherwise than usual. */
function createBrowserWallet(answers: Record<string, (params: readonly unknown[]) => unknown> = {}) {
  const asked: Asked[] = []
  const usual: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_accounts: () => [account.address.toLowerCase()],
    eth_requestAccounts: () => [account.address.toLowerCase()],
    eth_chainId: () => `0x${CHAIN_ID.toString(16)}`,
    eth_signTypedData_v4: ([, typedData]) => account.signTypedData(JSON.parse(String(typedData))),
  }
  /** Its state is private, as that of many wallets. */
  class BrowserWallet {
    readonly #answers = { ...usual, ...answers }
    async request({ method, params = [] }: Asked): Promise<unknown> {
      asked.push({ method, params })
      const answer = this.#answers[method]
      if (answer === undefined) throw Object.assign(new Error('no such method'), { code: -32_601 })
      return answer(params)
    }
  }
  return { wallet: new BrowserWallet(), asked, methods: () => asked.map(({ method }) => method) }
}

describe('fromEip1193', () => {
  test('signs what a wallet is asked over JSON', async () => {
    const { wallet, methods } = createBrowserWallet()
    expect(await sign(await fromEip1193(wallet))).toBe(expected)
    expect(methods()).toEqual(['eth_accounts', 'eth_chainId', 'eth_signTypedData_v4'])
  })

  test('writes out the type of the domain, and numbers in decimal strings', async () => {
    const { wallet, asked } = createBrowserWallet()
    await sign(await fromEip1193(wallet))
    const [address, json] = asked.at(-1)?.params ?? []
    expect(address).toBe(account.address)
    const { types, message, domain } = JSON.parse(String(json))
    expect(types.EIP712Domain.map(({ name }: { name: string }) => name)).toEqual([
      'name',
      'version',
      'chainId',
      'verifyingContract',
    ])
    expect(message).toMatchObject({ value: '10000', validAfter: '0', validBefore: String(pinned.nowSeconds + 60) })
    expect(domain.chainId).toBe(CHAIN_ID)
    const parsed = JSON.parse(String(json))
    expect(await recoverTypedDataAddress({ ...parsed, signature: await account.signTypedData(parsed) })).toBe(
      account.address,
    )
  })

  test('asks nobody for an account that it is given', async () => {
    const { wallet, methods } = createBrowserWallet()
    const signer = await fromEip1193(wallet, { address: account.address })
    expect(signer.address).toBe(account.address)
    expect(methods()).toEqual([])
  })

  test('asks its owner to connect only when it may', async () => {
    const { wallet, methods } = createBrowserWallet({ eth_accounts: () => [] })
    await expect(fromEip1193(wallet)).rejects.toMatchObject({ code: 'INVALID_SIGNER' })
    expect(methods()).toEqual(['eth_accounts'])
    expect((await fromEip1193(wallet, { connect: true })).address).toBe(account.address)
    expect(methods()).toEqual(['eth_accounts', 'eth_accounts', 'eth_requestAccounts'])
  })

  test('error: WALLET_ON_OTHER_CHAIN when the wallet is set to another, which it is not asked to leave', async () => {
    const { wallet, methods } = createBrowserWallet({ eth_chainId: () => '0x1' })
    await expect(sign(await fromEip1193(wallet))).rejects.toMatchObject({
      code: 'WALLET_ON_OTHER_CHAIN',
      money: 'untouched',
      shortMessage: expect.stringContaining('eip155:84532'),
    })
    expect(methods()).toEqual(['eth_accounts', 'eth_chainId'])
  })

  test("otherChain 'switch' has the wallet ask its owner to switch", async () => {
    let chainId = '0x1'
    const { wallet, asked } = createBrowserWallet({
      eth_chainId: () => chainId,
      wallet_switchEthereumChain: ([chain]) => {
        chainId = Reflect.get(new Object(chain), 'chainId')
        return null
      },
    })
    expect(await sign(await fromEip1193(wallet, { otherChain: 'switch' }))).toBe(expected)
    expect(asked).toContainEqual({ method: 'wallet_switchEthereumChain', params: [{ chainId: '0x14a34' }] })
  })

  test.each([
    ['does not know the chain', { code: 4902 }],
    ['wraps that it does not know the chain', { code: -32_603, data: { originalError: { code: 4902 } } }],
  ])("error: WALLET_ON_OTHER_CHAIN when otherChain is 'switch' and the wallet %s", async (_what, refusal) => {
    const { wallet, methods } = createBrowserWallet({
      eth_chainId: () => '0x1',
      wallet_switchEthereumChain: () => Promise.reject(refusal),
    })
    await expect(sign(await fromEip1193(wallet, { otherChain: 'switch' }))).rejects.toMatchObject({
      code: 'WALLET_ON_OTHER_CHAIN',
      shortMessage: expect.stringContaining('add it there first'),
      cause: refusal,
    })
    expect(methods()).not.toContain('eth_signTypedData_v4')
  })

  test("error: WALLET_ON_OTHER_CHAIN when otherChain is 'switch' and the wallet stays where it is", async () => {
    const { wallet } = createBrowserWallet({ eth_chainId: () => '0x1', wallet_switchEthereumChain: () => null })
    const signing = sign(await fromEip1193(wallet, { otherChain: 'switch' }))
    await expect(signing).rejects.toMatchObject({ code: 'WALLET_ON_OTHER_CHAIN' })
  })

  test("passes on what the wallet's owner says to a switch", async () => {
    const refusal = Object.assign(new Error('User rejected the request.'), { code: 4001 })
    const { wallet } = createBrowserWallet({
      eth_chainId: () => '0x1',
      wallet_switchEthereumChain: () => Promise.reject(refusal),
    })
    await expect(sign(await fromEip1193(wallet, { otherChain: 'switch' }))).rejects.toBe(refusal)
  })

  test("otherChain 'sign' asks no chain", async () => {
    const { wallet, methods } = createBrowserWallet({ eth_chainId: () => '0x1' })
    expect(await sign(await fromEip1193(wallet, { otherChain: 'sign' }))).toBe(expected)
    expect(methods()).toEqual(['eth_accounts', 'eth_signTypedData_v4'])
  })

  test.each([null, undefined, {}, 42])('error: SIGNATURE_MALFORMED when the wallet answers %j', async (answer) => {
    const { wallet } = createBrowserWallet({ eth_signTypedData_v4: () => answer })
    await expect(sign(await fromEip1193(wallet))).rejects.toMatchObject({ code: 'SIGNATURE_MALFORMED' })
  })

  test.each<[what: string, provider: unknown, options: unknown, code: string]>([
    ['the wallet is missing', undefined, {}, 'INVALID_SIGNER'],
    ['it has no request', { send: () => undefined }, {}, 'INVALID_SIGNER'],
    ['its accounts are no list', { request: async () => 'none' }, {}, 'INVALID_SIGNER'],
    ['its account is no address', { request: async () => ['me'] }, {}, 'INVALID_SIGNER'],
    ['the address is mistyped', { request: async () => [] }, { address: '0x1' }, 'INVALID_SIGNER'],
    ['otherChain means nothing', { request: async () => [] }, { otherChain: 'ask' }, 'INVALID_OPTION'],
    ['an option is misspelled', { request: async () => [] }, { adress: account.address }, 'UNKNOWN_OPTION'],
  ])('error: %s', async (_what, provider, options, code) => {
    const made: Promise<unknown> = Reflect.apply(fromEip1193, undefined, [provider, options])
    await expect(made).rejects.toMatchObject({ code, money: 'untouched' })
  })

  test('WalletProvider: takes the types of viem as they are', () => {
    expectTypeOf<EIP1193Provider>().toExtend<WalletProvider>()
    expectTypeOf<{
      request(asked: { method: string; params?: unknown }): Promise<unknown>
    }>().toExtend<WalletProvider>()
  })
})

describe('fromEthers', () => {
  test('signs with a Wallet', async () => {
    expect(await sign(await fromEthers(new Wallet(pinned.evmPrivateKey)))).toBe(expected)
  })

  test('signs with a signer of a browser’s wallet', async () => {
    const { wallet, asked } = createBrowserWallet()
    const provider = new BrowserProvider(wallet as ConstructorParameters<typeof BrowserProvider>[0])
    const signer = await provider.getSigner()
    expect(await sign(await fromEthers(signer))).toBe(expected)
    expect(asked.at(-1)?.method).toBe('eth_signTypedData_v4')
    provider.destroy()
  })

  test('EthersSigner: takes the types of ethers as they are', () => {
    expectTypeOf<Wallet>().toExtend<EthersSigner>()
    expectTypeOf<HDNodeWallet>().toExtend<EthersSigner>()
    expectTypeOf<Awaited<ReturnType<BrowserProvider['getSigner']>>>().toExtend<EthersSigner>()
  })

  test.each([undefined, {}, account])('error: INVALID_SIGNER when the signer is %o', async (signer) => {
    const made: Promise<unknown> = Reflect.apply(fromEthers, undefined, [signer])
    await expect(made).rejects.toMatchObject({ code: 'INVALID_SIGNER' })
  })
})

describe('through Permit2', () => {
  const wallet = () => createBrowserWallet().wallet as ConstructorParameters<typeof BrowserProvider>[0]
  test.each<[who: string, create: () => Promise<EvmSigner>]>([
    ['fromEip1193', () => fromEip1193(createBrowserWallet().wallet)],
    ['fromEthers of a Wallet', () => fromEthers(new Wallet(pinned.evmPrivateKey))],
    ['fromEthers of a browser’s wallet', async () => fromEthers(await new BrowserProvider(wallet()).getSigner())],
    ['fromRemoteSigner', () => fromRemoteSigner({ getAddress: () => account.address, ...account })],
  ])('%s signs what the account signs', async (_who, create) => {
    const sign = async (signer: EvmSigner) =>
      (await new ExactEvmScheme(signer).createPaymentPayload(2, createPermit2Terms('exact-permit2'), context)).payload
    expect(await sign(await create())).toEqual(await sign(account))
  })
})

describe('fromRemoteSigner', () => {
  /** A key behind a network, which is asked for its address. */
  class KeyService {
    readonly #key = account
    asked = 0
    async getAddress() {
      this.asked++
      return this.#key.address
    }
    async signTypedData(typedData: TypedData) {
      return this.#key.signTypedData(typedData)
    }
    async sign(parameters: { hash: `0x${string}` }) {
      return this.#key.sign(parameters)
    }
  }

  test.each(['typed-data', 'hash'] as const)(
    'signs with signing %s, and asks for the address once',
    async (signing) => {
      const service = new KeyService()
      const signer = await fromRemoteSigner(service)
      expect(await sign(signer, { signing })).toBe(expected)
      expect(await sign(signer, { signing })).toBe(expected)
      expect(service.asked).toBe(1)
    },
  )

  test.each([undefined, {}, { getAddress: () => account.address }])(
    'error: INVALID_SIGNER when it is %o',
    async (signer) => {
      const made: Promise<unknown> = Reflect.apply(fromRemoteSigner, undefined, [signer])
      await expect(made).rejects.toMatchObject({ code: 'INVALID_SIGNER' })
    },
  )

  test('passes on what the service throws', async () => {
    const cause = new Error('the service is down')
    const signer = { getAddress: () => Promise.reject(cause), signTypedData: async () => '0x' }
    await expect(fromRemoteSigner(signer)).rejects.toBe(cause)
  })
})

describe('toClientEvmSigner', () => {
  const publicClient = createPublicClient({ transport: http('http://127.0.0.1:1') })

  test('signs with the account', async () => {
    expect(await sign(toClientEvmSigner(account))).toBe(expected)
    expect(await sign(toClientEvmSigner(account, publicClient), { signing: 'hash' })).toBe(expected)
  })

  test('does with the client what the account can’t, each on itself', async () => {
    class Reader {
      readonly #answer = 7
      readContract = undefined
      async getTransactionCount() {
        return this.#answer
      }
    }
    class Signer {
      readonly #key = account
      readonly address = account.address
      async signTypedData(typedData: TypedData) {
        return this.#key.signTypedData(typedData)
      }
      async signTransaction() {
        return this.#key.address
      }
    }
    const signer = toClientEvmSigner(new Signer(), new Reader())
    expect(await signer.getTransactionCount?.({ address: account.address })).toBe(7)
    expect(await Reflect.apply(signer.signTransaction ?? String, undefined, [])).toBe(account.address)
    expect(signer.readContract).toBeUndefined()
    expect(await sign(signer)).toBe(expected)
  })

  test('error: INVALID_SIGNER when the account can’t sign', () => {
    const made = () => Reflect.apply(toClientEvmSigner, undefined, [{ address: account.address }])
    expect(made).toThrow(expect.objectContaining({ code: 'INVALID_SIGNER' }))
  })
})

test('a viem WalletClient over a provider signs what fromEip1193 signs', async () => {
  const { wallet } = createBrowserWallet()
  const client = createWalletClient({ account: account.address, transport: custom(wallet) })
  expect(await sign(client)).toBe(expected)
})
