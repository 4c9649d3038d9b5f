import { expect, it } from 'vitest'
import {
  createLate,
  createRecovering,
  createShort,
  createUnreadable,
  explain,
  isPassing,
} from '../../../src/ledger/redis/reply-error.js'

const PASSING = [
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica. script: f_1, on @user_script:1.",
  'CLUSTERDOWN The cluster is down',
  'MOVED 3999 127.0.0.1:6381',
  'TRYAGAIN Multiple keys request during rehashing of slot',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'BUSY Redis is busy running a script.',
  'NOREPLICAS Not enough good replicas to write.',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'Connection is closed.',
  'Reached the max retries per request limit (which is 20).',
  'The client is closed',
  'fetch failed',
]

const FOR_GOOD = [
  'NOAUTH Authentication required.',
  'WRONGPASS invalid username-password pair or user is disabled.',
  "NOPERM this user has no permissions to run the 'evalsha' command",
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Errors writing to the AOF file: No space left on device',
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  "ERR unknown command 'EVALSHA'",
  "ReplyError: ERR unknown command 'EVALSHA'",
]

for (const message of PASSING) {
  it(`isPassing: has a step repeated, when Redis or its client says "${message}"`, () => {
    expect(isPassing(new Error(message))).toBe(true)
  })
}

for (const message of FOR_GOOD) {
  it(`isPassing: gives up at once, when Redis says "${message}"`, () => {
    expect(isPassing(new Error(message))).toBe(false)
  })
}

it('isPassing: has a step repeated that came too late, during recovery or short of replicas, and one that threw no error', () => {
  expect([createLate(), createRecovering(), createShort(2, 1), 'closed'].map(isPassing)).toEqual([
    true,
    true,
    true,
    true,
  ])
})

it('isPassing: gives up at once, when what came back is no reply', () => {
  expect(isPassing(createUnreadable())).toBe(false)
})

for (const [thrown, because] of [
  [createRecovering(), 'it was restarted or replaced, and paying goes on in about 3 s'],
  [createShort(2, 1), '1 of 2 replicas acknowledged the write in time'],
  [new Error("READONLY You can't write against a read only replica."), 'it is a replica: connect to the primary'],
  [new Error('connect ECONNREFUSED 127.0.0.1:6379'), 'it could not be reached (connect ECONNREFUSED 127.0.0.1:6379)'],
  [new TypeError('redis.cal is not a function'), '`send` threw (redis.cal is not a function)'],
  [new TypeError('fetch failed', { cause: new Error('no network') }), 'it could not be reached (fetch failed)'],
  [new Error('NOAUTH Authentication required.'), 'it refused a step (NOAUTH Authentication required)'],
  [
    new Error("NOPERM this user has no permissions to run the 'evalsha' command"),
    "it refused a step (NOPERM this user has no permissions to run the 'evalsha' command)",
  ],
] as const) {
  it(`explain: says "${because}"`, () => {
    expect(explain(thrown).because).toBe(because)
  })
}

for (const message of [
  "ERR unknown command 'EVALSHA', with args beginning with: 'a-secret' 'b'",
  'ERR it failed, command was: [["eval","a-secret"]]',
  'ERR {"signature":"a-secret"}',
  'connect to redis://app:a-secret@redis.example.com failed',
  `ERR ${'a-secret'.repeat(8)}`,
]) {
  it(`explain: quotes no command and no password of "${message.slice(0, 40)}"`, () => {
    expect(explain(new Error(message)).because).not.toContain('a-secret')
  })
}

it('explain: quotes a bounded part of what is said', () => {
  expect(explain(new Error('ERR no '.repeat(1000))).because.length).toBeLessThan(200)
})
