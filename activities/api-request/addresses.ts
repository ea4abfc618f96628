import { BlockList, isIP, isIPv4 } from 'node:net';

/** "This" network, link-local, and where clouds (AWS and others, Alibaba, Azure, Oracle) answer with credentials. */
const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
];
const IPV6: readonly (readonly [string, number])[] = [
  ['::', 128],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd00:ec2::23', 128],
  ['fd20:ce::254', 128],
  // Ways to IPv4 whose addresses stand in places of the operator's choice: local NAT64 (RFC 8215), Teredo (RFC 4380).
  ['64:ff9b:1::', 48],
  ['2001::', 32],
];
/** IPv4 addresses within IPv6: mapped, translated (RFC 2765), compatible, NAT64. */
const AROUND_IPV4 = ['::ffff:', '::ffff:0:', '::', '64:ff9b::'];

const NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

const refused = refusedAddresses();

function refusedAddresses(): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of IPV6) list.addSubnet(net, prefix, 'ipv6');
  for (const [net, prefix] of IPV4) {
    list.addSubnet(net, prefix, 'ipv4');
    for (const around of AROUND_IPV4) {
      // ::0.0.0.0/104 would contain ::1
      if (around !== '::' || net !== '0.0.0.0') list.addSubnet(`${around}${net}`, 96 + prefix, 'ipv6');
    }
    list.addSubnet(sixToFour(net), 16 + prefix, 'ipv6');
  }
  return list;
}

function sixToFour(ipv4: string): string {
  const hex = ipv4.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `2002:${hex[0]}${hex[1]}:${hex[2]}${hex[3]}::`;
}

/** Says which hosts and addresses no request goes to. Names are checked as names, and what they resolve to again. */
export class AddressGuard {
  private readonly allowed = new BlockList();
  private readonly allowedNames = new Set<string>();

  /** @throws Error that names the entry which is no address, range or name */
  constructor(allow: readonly string[] = []) {
    for (const entry of allow) this.allow(entry);
  }

  /** Why a host of a URL is refused; undefined if it is not, as far as is known before it is looked up. */
  refusalOfHost(hostname: string): string | undefined {
    const host = plainHost(hostname);
    if (isIP(host)) return this.refusalOfAddress(host);
    return NAMES.has(host) && !this.allowedNames.has(host) ? refusal(host) : undefined;
  }

  /** Why an address is refused, which `hostname` resolved to. */
  refusalOfAddress(address: string, hostname = ''): string | undefined {
    const bare = address.replace(/%.*$/, '');
    const family = isIPv4(bare) ? 'ipv4' : 'ipv6';
    if (isIP(bare) === 0 || !refused.check(bare, family)) return undefined;
    if (this.allowed.check(bare, family) || this.allowedNames.has(plainHost(hostname))) return undefined;
    return refusal(bare, hostname);
  }

  private allow(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const isRange = /^\d{1,3}$/.test(prefix ?? '') && rest.length === 0;
    const isName = /^[a-z\d_](?:[\w-]*[a-z\d])?(?:\.[\w-]+)*\.?$/i.test(entry) && /[a-z]/i.test(entry);
    if (isIP(address) && prefix === undefined) this.allowed.addAddress(address, family);
    else if (isIP(address) && isRange) this.allowed.addSubnet(address, Number(prefix), family);
    else if (isName) this.allowedNames.add(plainHost(entry));
    else throw new Error('expected an address, a range such as "169.254.0.0/16" or a host name');
  }
}

function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function refusal(address: string, hostname = ''): string {
  const of = hostname === '' || hostname === address ? '' : ` (of ${hostname})`;
  return `${address}${of} is refused: link-local and cloud metadata addresses are asked only if allowAddresses names them`;
}
