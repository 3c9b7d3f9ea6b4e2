/** One error class for everything that the kernel or libbpf refuses, and one converter per return convention. */
import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';

/** Numbers no errno.h names: one the kernel lets out, and libbpf's own (enum libbpf_errno). */
const UNLISTED: Readonly<Record<number, readonly [code: string, text: string]>> = {
  524: ['ENOTSUPP', 'operation is not supported'],
  4000: ['LIBELF', 'not a readable ELF file'],
  4001: ['FORMAT', 'not a BPF object file'],
  4003: ['ENDIAN', 'built for the other byte order'],
  4005: ['RELOC', 'a relocation failed'],
};

const CODES = new Map<number, string>(Object.entries(constants.errno).map(([code, errno]) => [errno, code]));

/** What to try, where the operation itself knows no better. */
const HINTS: Readonly<Record<string, string>> = {
  EPERM: 'run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
  EACCES: 'run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
  ENOMEM: 'there is not enough memory: make the maps smaller',
  EMFILE: 'too many open files: raise the limit (`ulimit -n`)',
  ENODEV: 'no such interface in this network namespace',
};

export interface BpfErrorDetails {
  /** What to try. */
  readonly hint?: string | undefined;
  /** One line that says more than the error number does. */
  readonly cause?: string | undefined;
  /** The whole log of the verifier, or what libbpf said. */
  readonly log?: string | undefined;
  /** Batch operations: how many elements were done before the error. */
  readonly done?: number | undefined;
}

/** "operation object: cause (what to try)", with the parts as fields. */
export class BpfError extends Error {
  override readonly name = 'BpfError';
  readonly operation: string;
  readonly object: string;
  /** Positive, as in errno.h. */
  readonly errno: number;
  /** 'ENOENT', 'EBUSY', ... */
  readonly code: string;
  readonly hint: string | undefined;
  readonly log: string | undefined;
  readonly done: number | undefined;

  constructor(
    operation: string,
    object: string,
    errno: number | keyof typeof constants.errno,
    details: BpfErrorDetails = {},
  ) {
    const number = typeof errno === 'string' ? constants.errno[errno] : Math.abs(errno);
    const code = CODES.get(number) ?? UNLISTED[number]?.[0] ?? `errno ${number}`;
    const hint = details.hint ?? HINTS[code];
    super(`${operation} ${object}: ${details.cause ?? describe(number, code)}${hint ? ` (${hint})` : ''}`);
    this.operation = operation;
    this.object = object;
    this.errno = number;
    this.code = code;
    this.hint = hint;
    this.log = details.log;
    this.done = details.done;
  }
}

function describe(errno: number, code: string): string {
  const text = UNLISTED[errno]?.[1] ?? getSystemErrorMessage(-errno) ?? 'unknown error';
  return `${text}, ${code}`;
}

/** What to try, by error code; for one operation. */
export type Hints = Readonly<Record<string, string>>;

/**
 * For functions that return a negative error number: what they return otherwise.
 * @throws BpfError
 */
export function checked(operation: string, object: string, result: number, hints?: Hints): number {
  if (result >= 0) return result;
  throw new BpfError(operation, object, result, { hint: hints?.[CODES.get(-result) ?? ''] });
}

/** Refuses a buffer that is not what C will read or write: short ones are not noticed there and corrupt memory. */
export function checkSize(operation: string, object: string, what: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw new RangeError(`${operation} ${object}: ${what} has ${bytes.length} bytes, ${expected} are needed`);
}

/** As {@link checkSize}, for buffers that may be longer. */
export function checkAtLeast(operation: string, object: string, what: string, bytes: Uint8Array, least: number): void {
  if (bytes.length >= least) return;
  throw new RangeError(`${operation} ${object}: ${what} has ${bytes.length} bytes, at least ${least} are needed`);
}
