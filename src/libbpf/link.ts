import { closeSync } from 'node:fs';
import { checked, type Hints } from './errors.ts';
import { FileDescriptor } from './file-descriptor.ts';
import { type LinkInfo, readLinkInfo } from './info.ts';
import { struct, structBytes } from './memory.ts';
import { openPin, PIN_HINTS } from './pins.ts';
import type { BpfProgram } from './program.ts';
import { bpf, inWorker } from './signatures.ts';

/** enum bpf_attach_type. */
const BPF_XDP = 37;

/** XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE (linux/if_link.h). */
const MODES = { native: 1 << 2, generic: 1 << 1 } as const;
export type XdpMode = keyof typeof MODES;

/** struct bpf_link_create_opts up to its last member in libbpf 1.0. */
const createOptions = struct({
  sz: 'size_t',
  flags: 'uint32_t',
  iter_info: 'void *',
  iter_info_len: 'uint32_t',
  target_btf_id: 'uint32_t',
  union: 'uint8_t [32]',
});

const ATTACH_HINTS: Hints = {
  EBUSY: 'another XDP program is attached: detach it first (`ip link set dev NIC xdp off`, or its owner)',
  EEXIST: 'an XDP program is attached in the other mode: detach it first',
  EOPNOTSUPP: "the driver has no native XDP: use mode 'generic'",
  ERANGE: 'the MTU is too large for native XDP without fragments: lower it, or build the program as SEC("xdp.frags")',
  EINVAL: 'no such interface in this network namespace, the program is one for a devmap, or the NIC has LRO on',
};

/**
 * An attachment that lasts as long as the link is open or pinned. Any use after close throws BpfError EBADF.
 */
export class BpfLink {
  readonly #fd: FileDescriptor;
  readonly #object: string;

  constructor(fd: number, object: string) {
    this.#fd = new FileDescriptor(fd, object, true);
    this.#object = object;
  }

  /** @throws BpfError where nothing is pinned, or something that is no link. */
  static open(path: string): BpfLink {
    return openPin('link', path, (fd) => new BpfLink(fd, `link ${path}`));
  }

  get fd(): number {
    return this.#fd.get();
  }

  info(): LinkInfo {
    return readLinkInfo(this.#fd.get('ask the kernel about'), this.#object);
  }

  /** Replaces the program between two packets. Blocks for two grace periods, 8 to 33 ms: prefer {@link updateAsync}. */
  update(program: BpfProgram): void {
    const fd = this.#fd.get('replace the program of');
    checked('replace the program of', this.#object, bpf().bpf_link_update(fd, program.fd, null), UPDATE_HINTS);
  }

  async updateAsync(program: BpfProgram): Promise<void> {
    const fd = this.#fd.get('replace the program of');
    const result = await inWorker(bpf().bpf_link_update, fd, program.fd, null);
    checked('replace the program of', this.#object, result, UPDATE_HINTS);
  }

  /** Detaches at once, also where the link is pinned. */
  detach(): void {
    checked('detach', this.#object, bpf().bpf_link_detach(this.#fd.get('detach')));
  }

  /** Keeps the attachment in the BPF file system, beyond this process. */
  pin(path: string): void {
    checked('pin', `${this.#object} at ${path}`, bpf().bpf_obj_pin(this.#fd.get('pin'), path), PIN_HINTS);
  }

  /** Detaches unless the link is pinned. Harmless when closed already. */
  close(): void {
    this.#fd.close();
  }
}

const UPDATE_HINTS: Hints = {
  ENOLINK: 'the interface is gone, or the link was detached',
  EINVAL: 'the new program is of another type',
};

/**
 * Attaches an XDP program to an interface of this thread's network namespace; errors call it `name`.
 * @throws BpfError EBUSY, EOPNOTSUPP, ERANGE, ENODEV with what to try.
 */
export function attachXdp(program: BpfProgram, ifindex: number, mode: XdpMode, name = `interface ${ifindex}`): BpfLink {
  const opts = structBytes(createOptions, { flags: MODES[mode] });
  const object = `${program.label} to ${name} in ${mode} mode`;
  const fd = checked('attach', object, bpf().bpf_link_create(program.fd, ifindex, BPF_XDP, opts), ATTACH_HINTS);
  try {
    return new BpfLink(fd, `link of ${program.name} on ${name}`);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
