import dns from 'node:dns'
import { describe, expect, it, vi } from 'vitest'
import { assertPublicHost } from '../../../../src/client/reach/public-host.js'
import { refusalOf } from '../../flow/refusal-of.js'

/** Addresses as an attacker writes them, and where they lead. */
const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  // RFC 1122, section 3.2.1.3, in the spellings that the URL standard reads (section 3.5, host parsing).
  loopback: [
    '127.0.0.1',
    '127.0.0.1.',
    '127.255.255.254',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '0x7f000001',
    '１２７.０.０.１',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    'user:password@127.0.0.1',
  ],
  'this network, RFC 791': ['0.0.0.0', '0', '0.1.2.3'],
  'private use, RFC 1918': ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '3232235777'],
  'carriers, RFC 6598': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  'link-local, RFC 3927': ['169.254.169.254', '169.254.170.2', '0xA9FEA9FE', '[::ffff:a9fe:a9fe]'],
  'protocol assignments, RFC 6890': ['192.0.0.1', '192.0.0.192'],
  'documentation, RFC 5737': ['192.0.2.1', '198.51.100.1', '203.0.113.1'],
  'benchmarks, RFC 2544': ['198.18.0.1', '198.19.255.255'],
  '6to4 relays, RFC 7526': ['192.88.99.1'],
  'multicast, RFC 5771': ['224.0.0.1', '239.255.255.255'],
  'reserved, RFC 1112': ['240.0.0.1', '255.255.255.255'],
  'a cloud’s own': ['168.63.129.16', '[fd00:ec2::254]'],
  // RFC 4291, sections 2.5.2, 2.5.3 and 2.5.5.
  'loopback, IPv6': [
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
  ],
  'NAT64 of a private address, RFC 6052': ['[64:ff9b::10.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::a00:1]'],
  'unique local, RFC 4193': ['[fc00::1]', '[fdff::1]'],
  'link-local, RFC 4291': ['[fe80::1]', '[febf::1]', '[fec0::1]'],
  'multicast, RFC 4291': ['[ff02::1]'],
  'discard, RFC 6666': ['[100::1]'],
  'Teredo, RFC 4380, and other assignments, RFC 2928': ['[2001::1]', '[2001:1ff::1]'],
  'documentation, RFC 3849 and RFC 9637': ['[2001:db8::1]', '[3fff::1]'],
  '6to4, RFC 3056': ['[2002:7f00:1::]', '[2002:c0a8:1::1]'],
  'SRv6, RFC 9602': ['[5f00::1]'],
  // RFC 6761, RFC 6762 with appendix G, RFC 8375, and ICANN's `internal`.
  names: [
    'localhost',
    'LOCALHOST.',
    'ⓛocalhost',
    'a.localhost',
    'printer.local',
    'metadata.google.internal',
    'metadata.google.internal.',
    'instance-data.ec2.internal',
    'router.home.arpa',
    'nas.lan',
    'wiki.corp',
  ],
  'names that the machine completes': ['metadata', 'redis', 'kubernetes', 'xn--80ak6aa92e'],
}

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '11.0.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '192.0.1.1',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.1',
  '223.255.255.255',
  '168.63.129.17',
  '[2606:4700:4700::1111]',
  '[2001:200::1]',
  '[2001:4860:4860::8888]',
  '[2003::1]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::8.8.8.8]',
]

describe('assertPublicHost:', () => {
  const hosts = Object.entries(PRIVATE).flatMap(([what, names]) => names.map((name) => [name, what]))
  it.each(hosts)('refuses %s (%s) at once', (host) => {
    expect(() => assertPublicHost(new URL(`http://${host}/`))).toThrow(
      expect.objectContaining({ code: 'HOST_OUT_OF_REACH', money: 'untouched' }),
    )
  })

  it.each(PUBLIC)('allows %s at once', (host) => {
    expect(assertPublicHost(new URL(`https://${host}/`))).toBe(false)
  })

  it.each(['0x7f.1', '127.0.0.0x1', '10.1', '0177.0.0.01'])(
    'refuses %s, where the platform’s URL leaves it as it is',
    (hostname) => {
      const url = Object.defineProperty(new URL('http://a.example'), 'hostname', { value: hostname })
      expect(() => assertPublicHost(url)).toThrow(expect.objectContaining({ code: 'HOST_OUT_OF_REACH' }))
    },
  )

  it('keeps secrets of the address out of its error', () => {
    expect(() => assertPublicHost(new URL('http://me:secret@10.0.0.1/a?token=secret'))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})

/** What the platform says that a name resolves to, in this test. */
function resolveTo(...addresses: readonly string[]) {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return vi.spyOn(dns.promises, 'lookup').mockImplementation(async () => found as never)
}

describe('assertPublicHost, of a name that resolves:', () => {
  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '10.0.0.1']],
    [['2606:4700:4700::1111', 'fe80::1%eth0']],
    [['::ffff:169.254.169.254']],
    [['no address']],
  ])('refuses one of which any address isn’t public (%j), and tells none', async (addresses) => {
    const lookup = resolveTo(...addresses)
    const error = await refusalOf(Promise.resolve(assertPublicHost(new URL('https://rebound.example.com:8443/'))))
    lookup.mockRestore()
    expect(error).toMatchObject({ code: 'HOST_OUT_OF_REACH', facts: { host: 'rebound.example.com:8443' } })
    expect(addresses.filter((address) => error.message.includes(address))).toEqual([])
  })

  it('allows one of which all are', async () => {
    const lookup = resolveTo('8.8.8.8', '2606:4700:4700::1111')
    await assertPublicHost(new URL('https://public.example.com/'))
    expect(lookup).toHaveBeenCalledWith('public.example.com', { all: true })
    lookup.mockRestore()
  })

  it('resolves it once for calls at once, and again for the next', async () => {
    const lookup = resolveTo('8.8.8.8')
    const ask = () => assertPublicHost(new URL('https://public.example.com/'))
    await Promise.all([ask(), ask(), ask()])
    expect(lookup).toHaveBeenCalledTimes(1)
    await ask()
    expect(lookup).toHaveBeenCalledTimes(2)
    lookup.mockRestore()
  })

  it('leaves one that doesn’t resolve to the request itself, which may go by a proxy', async () => {
    await expect(assertPublicHost(new URL('https://nowhere.invalid/'))).resolves.toBe(false)
  })
})
