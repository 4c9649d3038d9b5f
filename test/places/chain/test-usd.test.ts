import { type Address, type Hex, parseSignature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { testUsdAbi } from '../../support/chain/test-usd-abi.js'

const farFuture = 2n ** 40n
const nonce: Hex = `0x${'07'.repeat(32)}`
const authorizationFields = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

test('TestUsd: moves money for an authorization signed as bytes, once', async () => {
  const { payer, args } = await authorize('TransferWithAuthorization', chain.facilitator.account.address)
  const signed = await payer.sign()
  await send('transferWithAuthorization', [...args, signed])

  expect(await chain.balanceOf(payer.address)).toBe(0n)
  expect(await chain.authorizationState(payer.address, nonce)).toBe(true)
  await expect(send('transferWithAuthorization', [...args, signed])).rejects.toThrow(
    'authorization is used or canceled',
  )
})

test('TestUsd: moves money for an authorization signed as v, r and s', async () => {
  const { payer, args } = await authorize('TransferWithAuthorization', chain.facilitator.account.address)
  await send('transferWithAuthorization', [...args, ...split(await payer.sign())])
  expect(await chain.balanceOf(payer.address)).toBe(0n)
})

test('TestUsd: asks a smart-contract wallet whether it signed', async () => {
  const { payer, args } = await authorize('TransferWithAuthorization', chain.facilitator.account.address)
  // Answers every call with ERC-1271's magic value.
  await chain.setCode(payer.address, '0x631626ba7e60e01b5f5260205ff3')
  await send('transferWithAuthorization', [...args, '0x1234'])
  expect(await chain.balanceOf(payer.address)).toBe(0n)
})

test('TestUsd: lets only the payTo receive', async () => {
  const ours = await authorize('ReceiveWithAuthorization', chain.facilitator.account.address)
  await send('receiveWithAuthorization', [...ours.args, await ours.payer.sign()])
  expect(await chain.balanceOf(ours.payer.address)).toBe(0n)

  const theirs = await authorize('ReceiveWithAuthorization', chain.usdc)
  await expect(send('receiveWithAuthorization', [...theirs.args, await theirs.payer.sign()])).rejects.toThrow(
    'caller must be the payee',
  )
})

test('TestUsd: refuses a cancelled authorization', async () => {
  const { payer, args } = await authorize('TransferWithAuthorization', chain.usdc)
  const cancellation = await payer.account.signTypedData({
    domain: domain(),
    types: {
      CancelAuthorization: [
        { name: 'authorizer', type: 'address' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'CancelAuthorization',
    message: { authorizer: payer.address, nonce },
  })
  await send('cancelAuthorization', [payer.address, nonce, ...split(cancellation)])
  await expect(send('transferWithAuthorization', [...args, await payer.sign()])).rejects.toThrow(
    'authorization is used or canceled',
  )
})

test('TestUsd: refuses an authorization that someone else signed', async () => {
  const { args } = await authorize('TransferWithAuthorization', chain.usdc)
  const other = await authorize('TransferWithAuthorization', chain.usdc)
  await expect(send('transferWithAuthorization', [...args, await other.payer.sign()])).rejects.toThrow(
    'invalid signature',
  )
})

test('TestUsd: grants an allowance for a permit', async () => {
  const owner = privateKeyToAccount(generatePrivateKey())
  const message = { owner: owner.address, spender: chain.usdc, value: 5n, nonce: 0n, deadline: farFuture }
  const types = {
    Permit: [
      { name: 'owner', type: 'address' },
      { name: 'spender', type: 'address' },
      { name: 'value', type: 'uint256' },
      { name: 'nonce', type: 'uint256' },
      { name: 'deadline', type: 'uint256' },
    ],
  } as const
  const signature = await owner.signTypedData({ domain: domain(), types, primaryType: 'Permit', message })
  await send('permit', [owner.address, chain.usdc, 5n, farFuture, ...split(signature)])

  const token = { address: chain.usdc, abi: testUsdAbi } as const
  expect(
    await chain.publicClient.readContract({ ...token, functionName: 'allowance', args: [owner.address, chain.usdc] }),
  ).toBe(5n)
})

const domain = () => ({ name: 'USDC', version: '2', chainId: chain.chainId, verifyingContract: chain.usdc })

/** A fresh payer with one dollar, and the arguments of an authorization that pays it to `payTo`. */
async function authorize(primaryType: 'TransferWithAuthorization' | 'ReceiveWithAuthorization', payTo: Address) {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, 1_000_000n)
  const message = { from: account.address, to: payTo, value: 1_000_000n, validAfter: 0n, validBefore: farFuture, nonce }
  const types = { TransferWithAuthorization: authorizationFields, ReceiveWithAuthorization: authorizationFields }
  const sign = () => account.signTypedData({ domain: domain(), types, primaryType, message })
  return { payer: { account, address: account.address, sign }, args: Object.values(message) }
}

function split(signature: Hex): unknown[] {
  const { r, s, yParity } = parseSignature(signature)
  return [27 + yParity, r, s]
}

async function send(functionName: string, args: readonly unknown[]): Promise<void> {
  const hash = await chain.facilitator.writeContract({ address: chain.usdc, abi: testUsdAbi, functionName, args })
  await chain.publicClient.waitForTransactionReceipt({ hash })
}
