import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../api-types/failure.ts';
import { type Limits, parseLimits } from '../engine/limits.ts';

/** Where one engine of this machine keeps what it needs. Several instances never share any of these. */
export interface Instance {
  readonly name: string;
  /** Control socket, mode 0600. */
  readonly socket: string;
  /** Applied definitions and commands that outlive a restart. */
  readonly stateDir: string;
  /** The writer's lock and the control socket. */
  readonly runDir: string;
  /** A BPF file system; links, programs and maps are pinned in hopline/<name> there. */
  readonly pinRoot: string;
  /** The compiled programs. */
  readonly object: string;
  /** Sizes that tables may not grow beyond; a change that needs more is refused. */
  readonly limits: Limits;
}

export interface InstanceOptions {
  readonly instance?: string;
  readonly socket?: string;
  readonly object?: string;
  readonly limits?: string;
}

const NAME = /^[A-Za-z0-9_-]{1,63}$/;

/**
 * Paths of an instance: options first, then HOPLINE_RUN_DIR, HOPLINE_STATE_DIR, HOPLINE_PIN_ROOT, HOPLINE_OBJECT,
 * HOPLINE_LIMITS, then the usual places.
 * @throws Failure refused, for a name that is not fit for a path, and for limits that are none.
 */
export function findInstance(options: InstanceOptions, environment: NodeJS.ProcessEnv): Instance {
  const name = options.instance ?? environment.HOPLINE_INSTANCE ?? 'default';
  if (!NAME.test(name)) {
    throw new Failure(
      'refused',
      `instance ${JSON.stringify(name)}: not a name (letters, digits, "-" and "_", at most 63)`,
    );
  }
  const runDir = environment.HOPLINE_RUN_DIR ?? '/run/hopline';
  const stateRoot = environment.HOPLINE_STATE_DIR ?? '/var/lib/hopline';
  const pinRoot = environment.HOPLINE_PIN_ROOT ?? '/sys/fs/bpf';
  return {
    name,
    socket: options.socket ?? `${runDir}/${name}.sock`,
    stateDir: `${stateRoot}/${name}`,
    runDir,
    pinRoot,
    object: options.object ?? environment.HOPLINE_OBJECT ?? defaultObject(),
    limits: parseLimits(options.limits ?? environment.HOPLINE_LIMITS ?? ''),
  };
}

/** Beside the bundle in a package, where the Makefile writes it in a checkout: seen from the bundle, and from here. */
function defaultObject(): string {
  const places = ['../hopline.bpf.o', '../../../.output/hopline.bpf.o'].map((place) => new URL(place, import.meta.url));
  return fileURLToPath(places.find((place) => existsSync(place)) ?? places[0]!);
}
