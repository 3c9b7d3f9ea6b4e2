import { formatAddress } from '../../terms/address.ts';
import { EtherType, Protocol } from './packet.ts';

/** A frame that a probe sends, for whoever has to let it through. */
export interface SentFrame {
  /** "UDP 10.0.1.2:33461 > 10.0.2.2:33461" */
  readonly words: string;
  /** Rules that let it through, as commands; none for frames of the user's own. */
  readonly rules: readonly string[];
}

const TAGS: ReadonlySet<number> = new Set([EtherType.vlan, EtherType.serviceVlan]);
/** SYN. */
const SYN = 2;

/** What a frame of ours is on the wire, and what lets it through: a device that forwards it, or (`isEnd`) one it is for. */
export function describeFrame(bytes: Uint8Array, isEnd: boolean): SentFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 12;
  while (TAGS.has(view.getUint16(at))) at += 4;
  const type = view.getUint16(at);
  at += 2;
  if (type === EtherType.ipv4) {
    const ends = [bytes.subarray(at + 12, at + 16), bytes.subarray(at + 16, at + 20)].map(ipv4Text) as [string, string];
    return describePacket(view, 4, bytes[at + 9]!, at + 4 * (bytes[at]! & 15), ends, isEnd);
  }
  if (type === EtherType.ipv6) {
    const ends = [bytes.subarray(at + 8, at + 24), bytes.subarray(at + 24, at + 40)].map(ipv6Text) as [string, string];
    return describePacket(view, 6, bytes[at + 6]!, at + 40, ends, isEnd);
  }
  const name = `0x${type.toString(16)}`;
  return {
    words: `EtherType ${name} ${macText(bytes.subarray(6, 12))} > ${macText(bytes.subarray(0, 6))}`,
    rules: [
      `nft insert rule bridge filter forward ether type ${name} accept`,
      `ebtables -I FORWARD -p ${name} -j ACCEPT`,
    ],
  };
}

function describePacket(
  view: DataView,
  version: 4 | 6,
  protocol: number,
  at: number,
  [source, destination]: readonly [string, string],
  isEnd: boolean,
): SentFrame {
  const ip = version === 4 ? 'ip' : 'ip6';
  const chain = isEnd ? 'input' : 'forward';
  const nft = (match: string): string =>
    `nft insert rule inet filter ${chain} ${ip} saddr ${source} ${ip} daddr ${destination} ${match} accept`;
  const iptables = (match: string): string =>
    `${ip}tables -I ${chain.toUpperCase()} -s ${source} -d ${destination} ${match} -j ACCEPT`;
  if (protocol === Protocol.icmp || protocol === Protocol.icmp6) {
    const [name, option, family] =
      version === 4 ? ['ICMP', 'icmp --icmp-type', 'icmp'] : ['ICMPv6', 'icmpv6 --icmpv6-type', 'icmpv6'];
    return {
      words: `${name} echo request ${source} > ${destination}`,
      rules: [nft(`${family} type echo-request`), iptables(`-p ${option} echo-request`)],
    };
  }
  const [from, to] = [view.getUint16(at), view.getUint16(at + 2)];
  const words = `${endText(source, from)} > ${endText(destination, to)}`;
  if (protocol === Protocol.udp) {
    return {
      words: `UDP ${words}`,
      rules: [nft(`udp sport ${from} udp dport ${to}`), iptables(`-p udp --sport ${from} --dport ${to}`)],
    };
  }
  if (protocol !== Protocol.tcp) return { words: `IP protocol ${protocol} ${source} > ${destination}`, rules: [] };
  const flags = view.getUint8(at + 13) === SYN ? 'TCP SYN' : 'TCP';
  // The port it comes from is the probe's number, and another one after a restart.
  return { words: `${flags} ${words}`, rules: [nft(`tcp dport ${to}`), iptables(`-p tcp --dport ${to}`)] };
}

const endText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

const ipv4Text = (bytes: Uint8Array): string => bytes.join('.');

function ipv6Text(bytes: Uint8Array): string {
  const copy = bytes.slice();
  return formatAddress(new Uint32Array(copy.buffer));
}

const macText = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
