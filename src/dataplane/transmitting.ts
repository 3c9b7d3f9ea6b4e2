import { BpfError, xdpFeatures } from '../libbpf/index.ts';

/**
 * Whether the driver sends frames that another NIC's driver hands over. Where it does not (a Linux bridge device, many
 * virtual ones), the kernel throws them away after the redirect was counted. True where the kernel does not tell.
 */
export function sendsForOthers(ifindex: number): boolean {
  try {
    return xdpFeatures(ifindex)?.has('transmit') ?? true;
  } catch (error) {
    // Gone, or in another network namespace by now.
    if (error instanceof BpfError && error.code === 'ENODEV') return true;
    throw error;
  }
}
