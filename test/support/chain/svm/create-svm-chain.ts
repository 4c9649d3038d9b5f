import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Address, address, generateKeyPairSigner, type KeyPairSigner, lamports, none, some } from '@solana/kit'
import {
  AccountState,
  type ExtensionArgs,
  findAssociatedTokenPda,
  getMintEncoder,
  getTokenEncoder,
} from '@solana-program/token-2022'
import { listen } from '../listen.js'
import { createSvmAnswers, RpcRefusal } from './answer-svm-rpc.js'
import { createSvmLedger, type LandedTransaction } from './create-svm-ledger.js'

/** Programs that move tokens. */
export const TOKEN = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA')
export const TOKEN_2022 = address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb')

/** Whole genesis hashes; x402 names a cluster by the first 32 characters. Source: Solana documentation, "Clusters". */
const DEVNET_GENESIS = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG'
export const LOCAL_GENESIS = '7VpZKfSHDFh5SJWXDLQFhS2xVYCJFRXkPgiLnY5Z1Xkq'

/** USDC's mint on devnet, and PYUSD's, which is of Token-2022. Source: `@x402/svm` 2.27.0. */
export const USDC_MINT = address('4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU')
export const PYUSD_MINT = address('CXk2AMBfi3TwaEL2468s6zP8xq9NxTXjp9gjMgzeUynM')

/** Something that a node does instead of answering. */
export type Fault = (response: ServerResponse) => void

/** A cluster of its own, with dollars on it. */
export type SvmChain = Awaited<ReturnType<typeof createSvmChain>>

/**
 * Starts a cluster: the real SVM with the real token programs in this process, behind JSON-RPC on a loopback port. It has USDC and PYUSD at
 * their addresses on devnet, and a funded facilitator.
 *
 * @param genesisHash - Which cluster it says that it is.
 */
export async function createSvmChain({ genesisHash = DEVNET_GENESIS }: { genesisHash?: string } = {}) {
  const ledger = createSvmLedger()
  const { answer, forgetBelow } = createSvmAnswers(ledger, genesisHash)
  const calls: string[] = []
  let fault: Fault | undefined
  const server = createServer(async (request, response) => {
    const { id, method, params = [] } = JSON.parse(await text(request))
    calls.push(method)
    if (fault !== undefined) return fault(response)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...toAnswer(() => answer(method, params)) }))
  })
  const { url, stop } = await listen(server)
  const facilitator = await generateKeyPairSigner()
  ledger.svm.airdrop(facilitator.address, lamports(1_000_000_000n))

  const write = (at: Address, programAddress: Address, data: Uint8Array) =>
    ledger.svm.setAccount({
      address: at,
      programAddress,
      data,
      executable: false,
      lamports: lamports(1_000_000_000n),
      space: BigInt(data.length),
    })
  const programs = new Map<Address, Address>()
  const createMint = (at: Address, program: Address, extensions?: ExtensionArgs[], decimals = 6) => {
    programs.set(at, program)
    const data = getMintEncoder().encode({
      mintAuthority: some(facilitator.address),
      supply: 1_000_000_000_000n,
      decimals,
      isInitialized: true,
      freezeAuthority: none(),
      extensions: extensions === undefined ? none() : some(extensions),
    })
    write(at, program, new Uint8Array(data))
  }
  const findAccount = async (owner: Address, mint: Address = USDC_MINT) => {
    const [account] = await findAssociatedTokenPda({ owner, mint, tokenProgram: programs.get(mint) ?? TOKEN })
    return account
  }
  const writeAccount = async (
    owner: Address,
    { mint = USDC_MINT, amount = 0n, state = AccountState.Initialized, extensions }: AccountOptions = {},
  ) => {
    const fields = { mint, owner, amount, state, delegatedAmount: 0n }
    const data = getTokenEncoder().encode({
      ...fields,
      delegate: none(),
      isNative: none(),
      closeAuthority: none(),
      extensions: extensions === undefined ? none() : some(extensions),
    })
    const account = await findAccount(owner, mint)
    write(account, programs.get(mint) ?? TOKEN, new Uint8Array(data))
    return account
  }
  createMint(USDC_MINT, TOKEN)
  createMint(PYUSD_MINT, TOKEN_2022)

  return {
    url,
    stop,
    facilitator: facilitator as KeyPairSigner,
    network: `solana:${genesisHash.slice(0, 32)}` as const,
    /** Methods that were asked for, in order. */
    calls: calls as readonly string[],
    /** Every transaction that landed, oldest first. */
    landed: ledger.landed as readonly LandedTransaction[],
    createMint,
    /** Writes bytes behind a mint, as an extension of tomorrow would. */
    growMint(at: Address, bytes: readonly number[]) {
      const account = ledger.svm.getAccount(at)
      if (!account.exists) throw new Error('there is no mint')
      write(at, account.programAddress, Uint8Array.from([...account.data, ...bytes]))
    },
    findAccount,
    /** Puts a token account where its owner's is, with a balance. */
    writeAccount,
    /** Atomic units that somebody has; `undefined` without an account. */
    async balanceOf(owner: Address, mint: Address = USDC_MINT): Promise<bigint | undefined> {
      const account = ledger.svm.getAccount(await findAccount(owner, mint))
      return account.exists ? new DataView(Uint8Array.from(account.data).buffer).getBigUint64(64, true) : undefined
    },
    /** Lets blocks pass. 151 make every older transaction dead, 32 more make that final. */
    advance: (blocks: number) => ledger.advance(BigInt(blocks)),
    latestBlockhash: () => ledger.latestBlockhash().blockhash,
    simulate: ledger.simulate,
    send: ledger.send,
    height: () => ledger.height,
    forgetBelow,
    /** Every question from now on ends like this; `undefined` for good answers again. */
    failWith(next: Fault | undefined) {
      fault = next
    },
  }
}

type AccountOptions = {
  mint?: Address
  amount?: bigint
  state?: AccountState
  extensions?: ExtensionArgs[]
}

function toAnswer(answer: () => unknown): object {
  try {
    return { result: answer() }
  } catch (error) {
    if (error instanceof RpcRefusal) return { error: { code: error.code, message: error.message } }
    throw error
  }
}
