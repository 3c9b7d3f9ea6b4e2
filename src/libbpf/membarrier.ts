import { BpfError } from './errors.ts';
import { inWorker, system } from './signatures.ts';

/** From the kernel's syscall tables. */
const SYSCALL: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 324, arm64: 283, riscv64: 283 };
const QUERY = 0;
const GLOBAL = 1;

/**
 * Resolves after one RCU grace period (some 8 ms): no BPF program that was running when it was called is still running,
 * so nothing holds what was unpublished before.
 * @throws BpfError where the kernel has no MEMBARRIER_CMD_GLOBAL (a kernel with nohz_full CPUs).
 */
export async function membarrier(): Promise<void> {
  const number = SYSCALL[process.arch];
  const supported = number === undefined ? -1 : system().syscall(number, QUERY, 0, 0);
  if (number === undefined || supported < 0 || (supported & GLOBAL) === 0) {
    throw new BpfError('wait for', 'a grace period', 'ENOSYS', {
      cause: 'this kernel has no membarrier(MEMBARRIER_CMD_GLOBAL)',
      hint: 'boot without nohz_full, on x86-64, arm64 or riscv64',
    });
  }
  if ((await inWorker(system().syscall, number, GLOBAL, 0, 0)) !== 0) {
    throw new BpfError('wait for', 'a grace period', 'EINVAL', { cause: 'membarrier failed' });
  }
}
