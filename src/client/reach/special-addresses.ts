import { type IpAddress, readAddress } from './ip-address.js'

/**
 * Blocks of IPv4 that aren't public. Source: the IANA IPv4 Special-Purpose Address Registry, RFC 6890, with the RFC of each entry.
 */
const IPV4 = [
  '0.0.0.0/8', // this network, RFC 791
  '10.0.0.0/8', // private use, RFC 1918
  '100.64.0.0/10', // shared by carriers, RFC 6598; the metadata of Alibaba Cloud among them
  '127.0.0.0/8', // loopback, RFC 1122
  '169.254.0.0/16', // link-local, RFC 3927; the metadata of most clouds among them
  '172.16.0.0/12', // private use, RFC 1918
  '192.0.0.0/24', // protocol assignments, RFC 6890; the metadata of Oracle Cloud among them
  '192.0.2.0/24', // documentation, RFC 5737
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16', // private use, RFC 1918
  '198.18.0.0/15', // benchmarks, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved, RFC 1112, and the broadcast of RFC 919
  '168.63.129.16/32', // not in the registry: Azure's own services, from within each of its machines
]

/**
 * Blocks within `2000::/3`, all of IPv6 that is public, that aren't. Source: the IANA IPv6 Special-Purpose Address Registry, RFC 6890, with the
 * RFC of each entry; and of what is public, RFC 4291, section 2.4.
 */
const IPV6 = [
  '2001::/23', // protocol assignments, RFC 2928; Teredo, RFC 4380, among them
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, which hides an address of IPv4, RFC 3056
  '3fff::/20', // documentation, RFC 9637
]

/** Whether an address is anyone's to reach, and not of this machine, its network, or no one's. */
export function isPublicAddress(address: IpAddress): boolean {
  const special = address.bits === 32 ? IPV4_BLOCKS : IPV6_BLOCKS
  if (address.bits === 128 && !isWithin(address, GLOBAL)) return false
  return !special.some((block) => isWithin(address, block))
}

/** Addresses that begin with the same bits. */
type Block = { readonly start: bigint; readonly length: number }

const GLOBAL = readBlock('2000::/3')
const IPV4_BLOCKS = IPV4.map(readBlock)
const IPV6_BLOCKS = IPV6.map(readBlock)

function readBlock(text: string): Block {
  const [start = '', length] = text.split('/')
  return { start: readAddress(start)?.value ?? 0n, length: Number(length) }
}

function isWithin({ bits, value }: IpAddress, { start, length }: Block): boolean {
  const rest = BigInt(bits - length)
  return value >> rest === start >> rest
}
