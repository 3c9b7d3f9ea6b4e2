import type { NeighbourExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { ProbeFailure } from './failure.ts';
import { askKernel, type NeighbourAsker } from './kernel-neighbours.ts';
import type { Probe } from './types.ts';

/** ARP or neighbour discovery, asked by an asker: the kernel, unless somebody (the dataplane) makes its own frames. */
export function neighbourProbe(ask: NeighbourAsker): Probe<NeighbourExpectation> {
  return (target, expectation) =>
    attempt(target, async (held) => {
      const { interface: nic, address } = target;
      held.stage = 'asking';
      if (nic === undefined) throw new ProbeFailure('no interface to ask on');
      const cancel = new AbortController();
      held.defer(() => cancel.abort());
      const mac = await ask(nic, address, cancel.signal);
      if (mac === undefined) throw new ProbeFailure('nobody answers for the address');
      if (expectation.mac !== undefined && expectation.mac.toLowerCase() !== mac.toLowerCase()) {
        throw new ProbeFailure(`${mac} answers instead of ${expectation.mac}`);
      }
      return `${mac} answers`;
    });
}

export const probeNeighbour = neighbourProbe(askKernel);
