/** Whether one service may take packets that another one's key fits too (docs/design/dataplane.md, "Step"). */
import type { PortRange } from '../terms/ports.ts';
import { protocolNumber } from '../terms/protocols.ts';
import type { Service } from './types.ts';

/**
 * Whether `fine` may take its ports of what fits `coarse` too, within the way: `coarse` never gets such packets, because
 * all who open it open `fine` at the same address and port, and the entry asks for the finer ports first.
 *
 * @param address what both are opened at. Not looked at for outward services, which may have another one on the way.
 */
export function entersFirst(
  fine: { readonly service: Service; readonly ports: PortRange },
  coarse: { readonly service: Service; readonly ports: PortRange },
  address: string,
): boolean {
  const [a, b] = [fine.service, coarse.service];
  const isCommon = (each: string): boolean => a.addresses.includes(each);
  return (
    (b.outward ? b.addresses.every(isCommon) : b.addresses.includes(address) && isCommon(address)) &&
    protocolNumber(a.protocol) === protocolNumber(b.protocol) &&
    hasPorts(a, fine.ports) &&
    hasPorts(b, coarse.ports) &&
    // What comes out of a tunnel is not what went in.
    !b.sequence.some((step) => step.kind === 'through' && step.reveals !== undefined) &&
    b.from.every((party) => a.from.some(({ kind, name }) => kind === party.kind && name === party.name))
  );
}

function hasPorts({ ports }: Service, { from, to }: PortRange): boolean {
  return ports === 'any' ? from === 0 : ports.some((each) => each.from === from && each.to === to);
}
