import { findModes, type ModeFinding } from '../../health/derive/modes.ts';
import type { Model } from '../../model/types.ts';
import type { Overseer } from './health-controller.ts';

/** By device: why its mode is not known; a mode that is only tried again is. */
export function doubtsOf(
  model: Model,
  overseer: Pick<Overseer, 'view'>,
  refused: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const open = findModes(model, () => overseer.view(model)).filter(
    ({ device }) => model.devices.get(device)?.auto === 'sought',
  );
  return new Map(
    open.map((finding) => {
      const { device, reason } = finding;
      const why = refused.get(keyOf(finding)) ?? reason;
      return [device, `the mode of ${device} is not known yet: ${why} (hopline device show ${device})`];
    }),
  );
}

/** A finding by what it says: the same one is told once. */
export const keyOf = ({ device, is }: ModeFinding): string => `${device} ${is}`;
