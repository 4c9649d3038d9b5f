import { createAccount, createFloor, createOfficial, createOurs } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'
import { measureTime, repeat } from '../figures.js'

/** The first calls of a process, before its code is optimized. Prints the microseconds of the first one, and of each of the 50 after it. */
const CALLS = 50
const seller = createSeller()
const account = createAccount()
const create = { floor: createFloor, official: createOfficial, ours: createOurs }
const name = process.argv[2]
if (name !== 'floor' && name !== 'official' && name !== 'ours') throw new Error('name a buyer')

const buy = create[name](seller, account)
const call = () => buy('https://api.example.com/paid')
const first = await measureTime(call)
const start = process.cpuUsage()
const later = (await measureTime(() => repeat(CALLS, call))) / CALLS
const { user, system } = process.cpuUsage(start)
process.stdout.write(`${JSON.stringify({ first, later, laterCpu: (user + system) / CALLS })}\n`)
