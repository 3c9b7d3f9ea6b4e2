/** What a Linux box does today for the same job: kernel forwarding with nftables DNAT and conntrack. */
import { execFileSync } from 'node:child_process';
import { cable, ip } from '../test/traffic/cable.ts';
import type { Lane } from './bed.ts';

/** A router in a namespace of its own, between the two far ends; frames to 10.0.0.0 port 80 go to the sink. */
export class NftablesRouter {
  readonly lane: Lane;
  readonly #namespace = `hopbench${process.pid}`;

  constructor() {
    this.lane = { into: cable('nft-in'), out: cable('nft-out') };
    const { into, out } = this.lane;
    ip('netns', 'add', this.#namespace);
    for (const { engine } of [into, out]) ip('link', 'set', engine.name, 'netns', this.#namespace);
    const inside = (...args: string[]) => ip('-n', this.#namespace, ...args);
    for (const { engine } of [into, out]) inside('link', 'set', engine.name, 'up');
    inside('address', 'add', '192.0.2.254/24', 'dev', into.engine.name);
    inside('address', 'add', '198.51.100.254/24', 'dev', out.engine.name);
    inside('neighbour', 'add', '198.51.100.1', 'lladdr', out.far.mac, 'dev', out.engine.name);
    this.#run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0');
    for (const { engine } of [into, out]) this.#run('ethtool', '-K', engine.name, 'gro', 'on');
    this.#run(
      'nft',
      'table ip bench { chain pre { type nat hook prerouting priority dstnat; ip daddr 10.0.0.0 udp dport 80 dnat to 198.51.100.1; }; }',
    );
  }

  close(): void {
    ip('netns', 'delete', this.#namespace);
  }

  #run(...command: string[]): void {
    execFileSync('nsenter', [`--net=/run/netns/${this.#namespace}`, ...command]);
  }
}
