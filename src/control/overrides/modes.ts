import { checkMembers } from '../../model/build/pools.ts';
import { checkPoolWays } from '../../model/check/check-ways.ts';
import type { AutoMode, Device, Model } from '../../model/types.ts';

/** What a server was found to be: `loopback` stands for alias, too, which has the same entries. */
export interface FoundMode {
  readonly mode: 'loopback' | 'nat';
  /** The device it was found of: another definition has to be tried anew. */
  readonly of: string;
  /** It is being tried again. */
  readonly again?: true;
}

/** By device. */
export type FoundModes = Readonly<Record<string, FoundMode>>;

type Devices = Model['devices'];

interface Known {
  readonly written: Devices;
  readonly kept: FoundModes;
  readonly devices: Devices;
}

/** Devices stay the same objects while single services change: much is remembered by them. */
const known = new WeakMap<FoundModes, Known>();

/** Modes that still count under these definitions. */
export function keptModes(modes: FoundModes, { devices }: Model): FoundModes {
  return knownOf(modes, devices).kept;
}

/** The definitions with the modes that were found: what is compiled. */
export function withModes(model: Model, modes: FoundModes): Model {
  const { devices } = knownOf(modes, model.devices);
  return devices === model.devices ? model : { ...model, devices };
}

function knownOf(modes: FoundModes, written: Devices): Known {
  const before = known.get(modes);
  if (before?.written === written) return before;
  const entries = Object.entries(modes);
  const valid = entries.filter(([name, { of }]) => {
    const device = written.get(name);
    return device?.auto !== undefined && identityOf(device) === of;
  });
  const kept = valid.length === entries.length ? modes : Object.fromEntries(valid);
  const found = { written, kept, devices: valid.length === 0 ? written : withFound(written, kept) };
  known.set(kept, found);
  return found;
}

function withFound(written: Devices, modes: FoundModes): Devices {
  const devices = new Map(written);
  for (const [name, { mode, again }] of Object.entries(modes)) {
    const auto: AutoMode = again ? 'checked' : 'found';
    devices.set(name, { ...written.get(name)!, mode, auto });
  }
  return devices;
}

/** A device with the mode that was found of it, as it is written. */
export function foundMode(device: Device, mode: FoundMode['mode']): FoundMode {
  return { mode, of: identityOf(device) };
}

/**
 * Pools whose members are not alike with the modes that were found, as sentences. Reading definitions says the same of
 * modes that are written, and the plan what services share.
 */
export function unlikePools({ devices, pools }: Model): readonly string[] {
  const problems: string[] = [];
  if (![...devices.values()].some(({ auto }) => auto === 'found' || auto === 'checked')) return problems;
  const report = ({ message }: { readonly message: string }): void => void problems.push(message);
  for (const { name, members } of pools.values()) checkMembers(`pool ${name}`, members, () => [], devices, report);
  checkPoolWays({ devices, pools }, report);
  return problems;
}

/** Everything of a definition that its mode can depend on. */
function identityOf({ kind, address, outside, inside }: Device): string {
  return JSON.stringify({ kind, address, outside, inside });
}
