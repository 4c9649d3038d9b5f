import {
  type AccountRole,
  type Address,
  compileTransactionMessage,
  getAddressDecoder,
  getBase58Decoder,
  getCompiledTransactionMessageEncoder,
  isOffCurveAddress,
} from '@solana/kit'
import { findAssociatedTokenPda } from '@solana-program/token-2022'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTokenAccount, isOnCurve, readAddress } from '../../../../schemes/svm/address.js'
import { createBoundedMap, MAX_REMEMBERED } from '../../../../schemes/svm/bounded-map.js'
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../../../schemes/svm/programs.js'
import { decodeBase58, decodeBase64, encodeBase58 } from '../../../../schemes/svm/wire/encoding.js'
import { compileMessage } from '../../../../schemes/svm/wire/message.js'
import { readMessage } from '../../../../schemes/svm/wire/read-message.js'
import { decodeTransaction } from '../../../../schemes/svm/wire/transaction.js'
import { encodeBase64 } from '../../../../src/wire/base64.js'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const addresses = bytes(32).map((some) => getAddressDecoder().decode(some))

describe('base58', () => {
  test('encodeBase58: writes what @solana/kit writes, leading zeros too', () => {
    const some = fc
      .tuple(fc.nat(5), fc.uint8Array({ maxLength: 59 }))
      .map(([zeros, rest]) => Uint8Array.from([...new Array<number>(zeros).fill(0), ...rest]))
    fc.assert(
      fc.property(some, (input) => {
        expect(encodeBase58(input)).toBe(getBase58Decoder().decode(input))
      }),
    )
  })

  test('decodeBase58: reads what encodeBase58 wrote, and nothing of another length', () => {
    fc.assert(
      fc.property(bytes(32), (input) => {
        expect(decodeBase58(encodeBase58(input), 32)).toEqual(input)
        expect(decodeBase58(encodeBase58(input), 31)).toBeUndefined()
      }),
    )
  })

  test('decodeBase58: answers anything', () => {
    fc.assert(fc.property(fc.anything(), (input) => void decodeBase58(input, 32)))
    fc.assert(fc.property(fc.string(), (input) => void readAddress(input)))
  })
})

test('decodeBase64: reads what encodeBase64 wrote, and no more than it is told', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
      expect(decodeBase64(encodeBase64(input), 300)).toEqual(input)
      if (input.length > 3) expect(decodeBase64(encodeBase64(input), input.length - 3)).toBeUndefined()
    }),
  )
})

test('isOnCurve: says what @solana/kit says', () => {
  fc.assert(
    fc.property(bytes(32), (input) => {
      expect(isOnCurve(input)).toBe(!isOffCurveAddress(getAddressDecoder().decode(input)))
    }),
  )
})

test('findTokenAccount: finds what the token program’s own client finds', async () => {
  const programs = fc.constantFrom(TOKEN_PROGRAM, TOKEN_2022_PROGRAM)
  await fc.assert(
    fc.asyncProperty(addresses, programs, addresses, async (owner, program, mint) => {
      const [theirs] = await findAssociatedTokenPda({ owner, mint, tokenProgram: program as Address })
      expect(findTokenAccount(owner, program, mint)).toBe(theirs)
    }),
    { numRuns: 20 },
  )
})

describe('compileMessage', () => {
  const uses = fc.array(fc.tuple(fc.nat(5), fc.boolean(), fc.boolean()), { maxLength: 5 })
  const calls = fc.array(fc.tuple(fc.nat(5), uses, fc.uint8Array({ maxLength: 200 })), { maxLength: 4 })
  // Few, so that roles meet in one account; the last two differ by case only in a letter.
  const pool = fc.uniqueArray(addresses, { minLength: 7, maxLength: 7 })

  test('compileMessage: writes the bytes of @solana/kit, and readMessage reads them back', () => {
    fc.assert(
      fc.property(pool, addresses, calls, ([feePayer, ...others], blockhash, chosen) => {
        if (feePayer === undefined || others.includes(feePayer)) return
        const pick = (index: number) => others[index] as Address
        const instructions = chosen.map(([program, accounts, data]) => ({
          program: pick(program),
          accounts: accounts.map(([index, isSigner, isWritable]) => ({ address: pick(index), isSigner, isWritable })),
          data,
        }))
        // A program can't be written or sign where it is called.
        const programs = new Set(instructions.map(({ program }) => program))
        const isOdd = instructions.some(({ accounts }) => accounts.some(({ address }) => programs.has(address)))
        if (isOdd) return
        const ours = compileMessage({ feePayer, blockhash, instructions })
        const theirs = compileTransactionMessage({
          version: 0,
          feePayer: { address: feePayer },
          lifetimeConstraint: { blockhash, lastValidBlockHeight: 0n } as never,
          instructions: instructions.map(({ program, accounts, data }) => ({
            programAddress: program,
            accounts: accounts.map(({ address, isSigner, isWritable }) => ({
              address,
              role: ((isSigner ? 2 : 0) | (isWritable ? 1 : 0)) as AccountRole,
            })),
            data,
          })),
        })
        expect(ours).toEqual(new Uint8Array(getCompiledTransactionMessageEncoder().encode(theirs)))
        const read = readMessage(ours)
        expect(read).toMatchObject({ feePayer, blockhash })
        expect(read?.instructions.map(({ data }) => Uint8Array.from(data))).toEqual(chosen.map(([, , data]) => data))
      }),
    )
  })

  test('readMessage and decodeTransaction: answer anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (input) => void readMessage(Uint8Array.of(0x80, ...input))),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (input) => void decodeTransaction(encodeBase64(input))))
    fc.assert(fc.property(fc.anything(), (input) => void decodeTransaction(input)))
  })
})

test('createBoundedMap: keeps the newest entries, and no more than its bound', () => {
  const map = createBoundedMap<number>()
  for (let index = 0; index <= MAX_REMEMBERED; index++) map.set(String(index), index)
  expect(map.get('0')).toBeUndefined()
  expect(map.get('1')).toBe(1)
  expect(map.get(String(MAX_REMEMBERED))).toBe(MAX_REMEMBERED)
  map.forget('1', 2)
  expect(map.get('1')).toBe(1)
  map.forget('1', 1)
  expect(map.get('1')).toBeUndefined()
})
