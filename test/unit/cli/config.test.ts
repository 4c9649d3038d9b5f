import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXAMPLE, readConfig } from '../../../src/cli/config/config.js'
import { writeProblems } from '../../../src/cli/config/problem.js'

/** What a person is told about a file, without its first line. */
function tell(text: string): string[] {
  const read = readConfig(text)
  return 'problems' in read ? writeProblems('pay402.json', read.problems).trimEnd().split('\n').slice(1) : []
}

/** A configuration with an option of `limits` on line 4. */
const withLimit = (line: string) =>
  `{\n"key": { "env": "PAY402_KEY" },\n"limits": { "networks": ["eip155:8453"],\n${line}\n} }`

/** The configurations that the page shows. */
const shown = [...readFileSync('docs/guides/mcp-server.md', 'utf8').matchAll(/^( *)```jsonc?\n(.*?)^ *```/gms)]
  .map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
  .filter((block) => block.includes('"limits"'))

describe('the page on the server', () => {
  it('begins with the example that the program shows, too', () => {
    expect(shown[0]).toBe(EXAMPLE)
  })

  it('shows configurations that can be read', () => {
    expect(shown).toHaveLength(2)
    expect(shown.flatMap(tell)).toEqual([])
  })
})

describe('readConfig', () => {
  it('reads the example that it shows', () => {
    const read = readConfig(EXAMPLE)
    expect('value' in read && read.value.config).toEqual({
      name: 'mcp',
      key: { env: 'PAY402_KEY' },
      limits: { networks: ['eip155:84532'], perPayment: '$0.10', perDay: '$1' },
    })
  })

  it('reads comments, trailing commas, a byte order mark, and every option', () => {
    const text = `\uFEFF// A comment.
{
  "name": "team/researcher",
  "key": { "command": ["op", "read", "op://vault/wallet/key"] },
  "solanaKey": { "env": "SOLANA_KEY" },
  "ledger": "payments.ledger", /* another */
  "tools": { "maxBytes": 16384, "maxFileBytes": 1000000, "timeoutMs": 30000, "freshFor": 0, "files": "~/Downloads" },
  "rpc": { "eip155:8453": ["https://one.example", "https://two.example"], "solana:*": "https://three.example" },
  "limits": {
    "networks": ["eip155:*", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"],
    "perPayment": "0.10 USDC",
    "perMinute": { "payments": 5 },
    "perHour": { "amount": "$1", "payments": 60 },
    "perDay": "$5",
    "perWeek": [{ "network": "eip155:8453", "asset": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "amount": "5000000" }],
    "perMonth": { "amount": "$50", "timeZone": "Europe/Paris" },
    "total": "$100",
    "windows": [{ "window": "15m", "amount": "$0.50" }],
    "hosts": ["api.example.com", "*.example.org", "localhost:4021"],
    "onlyPayTo": ["0x209693bc6afc0c5328ba36faf03c514ef312287c", { "network": "eip155:*", "payTo": "0x1111111111111111111111111111111111111111" }],
    "onlyAssets": [{ "network": "eip155:8453", "asset": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" }],
    "reach": "anywhere",
    "perHost": { "perDay": "$1" },
    "perPayTo": { "total": "$3" },
    "perResource": { "payments": 1, "query": true },
    "approveAbove": "$0.05",
    "askAtMost": 5,
    "pinPayTo": true,
    "maxValiditySeconds": 60,
    "assets": [{ "network": "eip155:8453", "asset": "0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42", "symbol": "EURC", "decimals": 6, "perPayment": "2 EURC" }],
  },
}`
    expect(tell(text)).toEqual([])
  })

  it.each<[string, string, string[]]>([
    [
      'a comma that is missing',
      '{\n"name": "a"\n"limits": {} }',
      ['  line 3: a "," is missing before this line or in it'],
    ],
    ['a text without quotes', '{ "name": agent }', ['  line 1: a text needs double quotes: "like this"']],
    ['a brace that is missing', '{\n"limits": {', ['  line 2: a "}" is missing']],
    ['a list instead of an object', '[]', ['  line 1: it must hold one object: { … }']],
    ['an empty file', '', ['  line 1: a value is missing']],
    [
      'an option that is written twice',
      withLimit('"perDay": "$1",\n"perDay": "$100"'),
      ['  line 5, limits.perDay: written twice; leave one'],
    ],
    [
      'a database as the ledger',
      '{ "ledger": "redis://:hunter2@localhost:6379", "limits": { "networks": ["eip155:84532"] } }',
      ["  line 1, ledger: must be a file; mcp can't use Redis or Postgres"],
    ],
    ['a name that no object can hold', withLimit('"__proto__": {}'), ['  line 4, limits.__proto__: no such option']],
    [
      'a slip of the hand',
      withLimit('"perPaymnt": "$1"'),
      ['  line 4, limits.perPaymnt: no such option; did you mean "perPayment"?'],
    ],
    [
      'a slip further in',
      withLimit('"perHost": { "perDya": "$1" }'),
      ['  line 4, limits.perHost.perDya: no such option; did you mean "perDay"?'],
    ],
    [
      'an option of the limits at the top',
      '{ "key": { "env": "K" }, "limits": { "networks": ["eip155:1"] },\n"reach": "anywhere" }',
      ['  line 2, reach: no such option here; write it in "limits": { … }'],
    ],
    [
      'an option of the tools among the limits',
      withLimit('"freshFor": 5'),
      ['  line 4, limits.freshFor: no such option here; write it in "tools": { … }'],
    ],
    [
      'a number for money',
      withLimit('"perPayment": 0.1'),
      ['  line 4, limits.perPayment: must be money in a text, such as "$0.10" or "0.10 USDC"'],
    ],
    [
      'money without its sign',
      withLimit('"perDay": "5"'),
      [
        '  line 4, limits.perDay: must be money in a text, such as "$0.10" or "0.10 USDC", or { "amount": "$5", "payments": 100 }',
      ],
    ],
    [
      'an address for a host',
      withLimit('"hosts": ["api.example.com", "https://api.example.com/"]'),
      [
        '  line 4, limits.hosts[1]: must be a host, such as "api.example.com", "*.example.com" or "localhost:4021", without "https://"',
      ],
    ],
    [
      'a network that is no CAIP-2 name',
      '{ "key": { "env": "K" }, "limits": {\n"networks": ["base"] } }',
      [
        '  line 2, limits.networks[0]: must be a network of EVM chains or Solana, such as "eip155:84532" (Base Sepolia, play money)',
      ],
    ],
    [
      'no networks',
      '{ "key": { "env": "K" },\n"limits": {} }',
      ['  line 2, limits.networks: missing; it must be a list of networks, such as ["eip155:84532"]'],
    ],
    [
      'an empty list of networks',
      '{ "key": { "env": "K" }, "limits": {\n"networks": [] } }',
      ['  line 2, limits.networks: must name at least one network, such as ["eip155:84532"]'],
    ],
    ['no limits', '{\n"name": "a" }', ['  line 1, limits: missing; it must be an object: { … }']],
    [
      'networks without a key for them',
      '{ "limits": {\n"networks": ["eip155:8453", "solana:*"] } }',
      [
        '  line 2, key: missing; networks that begin with "eip155:" need "key": { "env": "PAY402_KEY" }',
        '  line 2, solanaKey: missing; networks that begin with "solana:" need "solanaKey": { "env": "PAY402_SOLANA_KEY" }',
      ],
    ],
    [
      'a name that is no path',
      '{\n"name": "my agent", "key": { "env": "K" }, "limits": { "networks": ["eip155:1"] } }',
      ['  line 2, name: must be up to eight parts of letters, digits, "-" and "_", such as "team/researcher"'],
    ],
    [
      'a number below its least',
      '{ "key": { "env": "K" }, "limits": { "networks": ["eip155:1"] },\n"tools": { "maxBytes": 0 } }',
      ['  line 2, tools.maxBytes: must be a whole number above zero'],
    ],
    [
      'an RPC of an unknown network',
      '{ "key": { "env": "K" }, "limits": { "networks": ["eip155:1"] },\n"rpc": { "base": "https://a.example" } }',
      [
        '  line 2, rpc.base: must be a network of EVM chains or Solana, such as "eip155:84532" (Base Sepolia, play money)',
      ],
    ],
  ])('names the line of %s, and what is allowed', (_, text, told) => {
    expect(tell(text)).toEqual(told)
  })

  it('tells all that is wrong, from the first line to the last', () => {
    const lines = tell('{\n"nme": 1,\n"key": 7,\n"limits": {\n"networks": 5,\n"perDay": true } }')
    expect(lines.map((line) => /line (\d)/.exec(line)?.[1])).toEqual(['2', '3', '5', '6'])
  })

  describe('with a private key in it', () => {
    const hex = '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318'
    const base58 = '4'.repeat(88)

    it.each([
      ['as the key', `{\n"key": "0x${hex}", "limits": { "networks": ["eip155:1"] } }`, 'key'],
      ['without its 0x', `{\n"key": { "env": "${hex}" }, "limits": { "networks": ["eip155:1"] } }`, 'key.env'],
      ['of Solana', `{\n"solanaKey": "${base58}" }`, 'solanaKey'],
      ['of Solana, as a file holds it', `{\n"solanaKey": [${Array.from({ length: 64 }, () => 7)}] }`, 'solanaKey'],
      ['under a name of its own', '{\n"privateKey": "secret-words" }', 'privateKey'],
      ['as words', '{\n"mnemonic": "test test test" }', 'mnemonic'],
      ['in a command', `{\n"key": { "command": ["echo", "${hex}"] } }`, 'key.command[1]'],
    ])('refuses it %s, says where keys go instead, and repeats nothing of it', (_, text, option) => {
      const told = tell(text)
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(`line 2, ${option}: a key is never in this file.`)
      expect(told[0]).toContain('"key": { "env": "PAY402_KEY" }')
      expect(told[0]).not.toMatch(/4c0883|4444|secret-words|test test/)
    })

    it('repeats no name that may be one', () => {
      expect(tell(`{ "${hex}": 1, "limits": { "networks": ["eip155:1"] } }`).join()).not.toContain(hex.slice(0, 8))
    })
  })
})
