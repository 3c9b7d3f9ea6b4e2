import { setTimeout as pause } from 'node:timers/promises';
import type { ProbeFrame } from '../../../src/dataplane/probe/prober-types.ts';
import { targetWord } from '../../../src/health/machine/event.ts';
import type { ToldEvent, Watched } from '../../../src/health/types.ts';
import { Watcher } from '../../../src/health/watcher/watcher.ts';
import type { NetworkState } from '../../../src/plan/network.ts';
import { deviceSpec, GUARD, poolSpec, probeSpec } from '../../../src/terms/health/defaults.ts';
import type { DeviceSpec, HealthSpec, PoolSpec, ProbeSpec } from '../../../src/terms/health/spec.ts';
import { type Definitions, device, FOUR, leg, service, through } from '../../plan/models.ts';
import { addressed, watched } from '../frames/stage.ts';
import { FakeProber } from './fake-prober.ts';

const NETWORK = addressed({ i0: [], i1: ['10.0.1.1/24'], i2: ['10.0.2.1/24'], i3: ['10.0.3.1/24'] });

/** Two firewalls in a pool, and a server. */
const DEFINITIONS: Definitions = {
  interfaces: FOUR,
  devices: [
    device('fw1', 'inline', leg('i1'), { inside: leg('i2') }),
    device('fw2', 'inline', leg('i1'), { inside: leg('i2') }),
    device('web1', 'server', leg('i3'), { mode: 'loopback', address: '127.0.0.1' }),
    device('web2', 'server', leg('i3'), { mode: 'loopback', address: '127.0.0.1' }),
  ],
  pools: [{ name: 'firewalls', members: ['fw1', 'fw2'], use: 'primary', active: 'fw1' }],
  services: [service('shop', '198.51.100.10', 80, [through('firewalls', { isPool: true }), through('web1')])],
};

export const inline = (name: string, probes: readonly ProbeSpec[], more: Partial<DeviceSpec> = {}): DeviceSpec =>
  deviceSpec(name, 'inline', { probes, ...more });
export const server = (name: string, probes: readonly ProbeSpec[], more: Partial<DeviceSpec> = {}): DeviceSpec =>
  deviceSpec(name, 'server', { probes, ...more });

export const specOf = (devices: readonly DeviceSpec[], pools: readonly PoolSpec[] = []): HealthSpec => ({
  devices,
  pools,
  guard: GUARD,
});

/** Both firewalls with a through probe, in a pool. */
export const firewalls = (interval = 50, more: Partial<DeviceSpec> = {}): HealthSpec => {
  const probes = [probeSpec({ kind: 'through' }, { interval })];
  return specOf([inline('fw1', probes, more), inline('fw2', probes, more)], [poolSpec('firewalls', ['fw1', 'fw2'])]);
};

/** Both servers in a pool. */
export const servers = (probe: ProbeSpec): HealthSpec =>
  specOf([server('web1', [probe]), server('web2', [probe])], [poolSpec('web', ['web1', 'web2'])]);

/** A watcher on a made-up prober, with everything it did. */
export class Bed {
  readonly prober = new FakeProber();
  readonly moves: { readonly word: string; readonly to: string; readonly at: number }[] = [];
  readonly events: ToldEvent[] = [];
  changes = 0;
  spec: HealthSpec;
  readonly watcher: Watcher;
  readonly problems: readonly string[];
  readonly #definitions: Definitions;

  constructor(spec: HealthSpec, definitions: Definitions = DEFINITIONS, network: NetworkState = NETWORK) {
    this.spec = spec;
    this.#definitions = definitions;
    this.watcher = new Watcher({
      prober: this.prober,
      derive: () => this.spec,
      edges: {
        move: (word, to) => this.moves.push({ word, to: targetWord(to), at: performance.now() }),
        tell: (event) => this.events.push(event),
        changed: () => {
          this.changes += 1;
        },
      },
    });
    this.problems = this.define(network);
  }

  define(network: NetworkState = NETWORK): readonly string[] {
    return this.watcher.define(this.inForce(network));
  }

  inForce(network: NetworkState = NETWORK): Watched {
    return watched(this.#definitions, network);
  }

  /** Number of a leg, by its name. */
  leg(name: string): number {
    return this.inForce().fabric.legs.find((each) => each.name === name)!.leg;
  }

  /** Whether a frame is sent into a device's leg: "fw1.outside". */
  goesInto(frame: ProbeFrame, name: string): boolean {
    const mac = this.inForce().fabric.legs.find((each) => each.name === name)!.mac!;
    const to = [...frame.bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    return to === mac;
  }

  /** Frames into these legs are lost from now on. @returns when that was. */
  silence(...legs: readonly string[]): number {
    this.prober.fate = (frame) => (legs.some((name) => this.goesInto(frame, name)) ? 'silent' : 0.1);
    return performance.now();
  }

  state(name: string): string {
    return this.watcher.view().devices.find(({ device: each }) => each === name)!.state;
  }

  /** Waits until pools moved so often. @throws Error when they do not. */
  async moved(times = 1, limit = 5000): Promise<void> {
    const deadline = performance.now() + limit;
    while (this.moves.length < times) {
      if (performance.now() > deadline) throw new Error(`no move in ${limit} ms; told: ${JSON.stringify(this.events)}`);
      await pause(1);
    }
  }

  get story(): readonly string[] {
    const told = this.events.filter(({ what }) => what !== 'spare' && what !== 'no-spare');
    return told.map(({ what, device: name, pool, from, to }) => {
      const who = pool ?? name;
      return what === 'state' || what === 'move' ? `${who} ${from}>${to}` : [what, who].filter(Boolean).join(' ');
    });
  }
}

/** Holds the event loop. */
export function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
