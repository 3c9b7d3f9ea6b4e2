import type { ChildProcess } from 'node:child_process';
import { type Cable, cable } from './cable.ts';
import { Namespace } from './namespace.ts';
import type { Traffic } from './traffic.ts';

/**
 * A bridging device as they are bought: a Linux bridge between two cables, in a namespace of its own. It can die silently:
 * its port is disabled, so that nothing is carried either way, and both cables keep their carrier.
 */
export class Bridge {
  readonly name: string;
  readonly outside: Cable;
  readonly inside: Cable;
  readonly namespace: Namespace;
  readonly #commands: ChildProcess;

  /** @param traffic has a witness where frames come into the device from outside. */
  constructor(name: string, traffic: Traffic) {
    this.name = name;
    this.outside = cable(`${name}-out`);
    this.inside = cable(`${name}-in`);
    traffic.witness(this.outside.far.ifindex);
    const nics = [this.outside.far, this.inside.far];
    this.namespace = new Namespace(...nics);
    const { namespace } = this;
    namespace.run('ip', 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0');
    for (const { name: nic } of nics) {
      // Receives redirected frames; checksums are whole.
      namespace.run('ethtool', '-K', nic, 'gro', 'on', 'tx', 'off');
      namespace.run('ip', 'link', 'set', nic, 'master', 'br0');
    }
    namespace.run('ip', 'link', 'set', 'br0', 'up');
    // One that stays: starting a program takes longer than some fail-overs.
    this.#commands = namespace.start('bridge', '-batch', '-');
  }

  /** From now on nothing is carried. The time before it was told, in milliseconds of CLOCK_MONOTONIC. */
  die(): number {
    const told = Number(process.hrtime.bigint()) / 1e6;
    this.#state('disabled');
    return told;
  }

  /** Carries again. */
  live(): void {
    this.#state('forwarding');
  }

  /**
   * With `on` its NICs get a kernel thread of their own, as a device has a CPU of its own: whoever sends is no longer held
   * up by what it does, and its rings overflow when more comes than it can carry.
   */
  onItsOwn(on: boolean): void {
    for (const { far } of [this.outside, this.inside]) {
      this.namespace.runWithSys('sh', '-c', `echo ${on ? 1 : 0} >/sys/class/net/${far.name}/threaded`);
    }
  }

  close(): void {
    this.namespace.close();
  }

  #state(state: 'disabled' | 'forwarding'): void {
    this.#commands.stdin!.write(`link set dev ${this.outside.far.name} state ${state}\n`);
  }
}
