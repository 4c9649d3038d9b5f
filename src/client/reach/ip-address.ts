import { readUrl } from '../../wire/host.js'

/** An address of the network as a number of 32 or 128 bits. */
export type IpAddress = { readonly bits: 32 | 128; readonly value: bigint }

/** Four decimal numbers; with a zero before it, a number may be an octal one. */
const DOTTED = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/

/**
 * Reads an address as a URL or a resolver writes it: `127.0.0.1`, `[::1]`, `::ffff:10.0.0.1`, `fe80::1%eth0`. An IPv6 address that stands for one
 * of IPv4 is read as that.
 *
 * @returns `undefined` for a name.
 */
export function readAddress(text: string): IpAddress | undefined {
  if (DOTTED.test(text)) return { bits: 32, value: toNumber(text.split('.').map(Number), 256n) }
  if (!text.includes(':')) return undefined
  // The URL parser writes each address in one way, in groups of hexadecimal digits.
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const hostname = readUrl(`http://[${bare}]`)?.hostname
  if (hostname === undefined) return undefined
  const [before = '', after] = hostname.slice(1, -1).split('::')
  const [first, last] = [toGroups(before), toGroups(after ?? '')]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0)
  return unmap({ bits: 128, value: toNumber([...first, ...zeros, ...last], 65_536n) })
}

/**
 * Prefixes of 96 bits before an address of IPv4: mapped, RFC 4291, section 2.5.5.2; compatible, section 2.5.5.1; translated, RFC 2765; and the
 * well-known prefix of NAT64, RFC 6052, section 2.1.
 */
const IPV4_WITHIN = [0xffffn, 0n, 0xffff_0000n, 0x64_ff9b_0000_0000_0000_0000n]

function unmap(address: IpAddress): IpAddress {
  const { value } = address
  // `::` and `::1` are themselves.
  if (value < 2n || !IPV4_WITHIN.includes(value >> 32n)) return address
  return { bits: 32, value: value & 0xffff_ffffn }
}

function toGroups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function toNumber(parts: readonly number[], base: bigint): bigint {
  return parts.reduce((sum, part) => sum * base + BigInt(part), 0n)
}
