import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { BpfError, type LoadedObject, type OpenOptions, openObject } from '../../src/libbpf/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLONE_NEWNET = 0x4000_0000;

/** Compiles a program of test/libbpf/programs and returns the path of its object. */
export function compiled(name: string): string {
  const object = `.output/test/libbpf/programs/${name}.bpf.o`;
  execFileSync('make', ['-s', object], { cwd: ROOT });
  return join(ROOT, object);
}

export const loadSample = (options?: OpenOptions): LoadedObject => openObject(compiled('sample'), options).load();

/** A directory on the BPF file system. */
export function pinDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync('/sys/fs/bpf/hlib');
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** What `call` throws, which must be a BpfError. */
export function refusal(call: () => unknown): BpfError {
  try {
    call();
  } catch (error) {
    if (error instanceof BpfError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Moves this thread into a network namespace of its own: two veths, a bridge, and a veth of MTU 9000. Their numbers. */
export function ownNamespace(): Record<'a' | 'b' | 'bridge' | 'jumbo', number> {
  const unshare = koffi.load('libc.so.6').func('int unshare(int flags)');
  if (unshare(CLONE_NEWNET) !== 0) throw new Error('unshare network: not permitted (run as root)');
  const ip = (command: string): string => execFileSync('ip', command.split(' '), { encoding: 'utf8' });
  ip('link add hliba type veth peer name hlibb');
  ip('link add hlibj mtu 9000 type veth peer name hlibk mtu 9000');
  ip('link add hlibr type bridge');
  ip('link set hliba up');
  ip('link set hlibb up');
  const number = (name: string): number => Number(ip(`-o link show ${name}`).split(':')[0]);
  return { a: number('hliba'), b: number('hlibb'), bridge: number('hlibr'), jumbo: number('hlibj') };
}

export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
export const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);
export const frame = (...bytes: number[]): Uint8Array => {
  const data = new Uint8Array(64);
  data.set(bytes);
  return data;
};
