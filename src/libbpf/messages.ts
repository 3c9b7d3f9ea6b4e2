/** What libbpf has to say: never printed by this binding, kept for errors and handed to whoever asked. */
import koffi from 'koffi';
import { freePointer, readString } from './memory.ts';
import { bpf, type Pointer, system } from './signatures.ts';

const LEVELS = ['warning', 'info', 'debug'] as const;

export type MessageLevel = (typeof LEVELS)[number];
export type PrintCallback = (level: MessageLevel, text: string) => void;

/** On x86-64 and arm64 Linux a va_list parameter is a pointer: vasprintf takes it as it is. */
type RawPrint = (level: number, format: Pointer, args: Pointer) => number;

let installed = false;
let print: PrintCallback | undefined;
let captured: string[] | undefined;

const receive: RawPrint = (level, format, args) => {
  const name = LEVELS[level] ?? 'debug';
  if (name === 'debug' && !print) return 0;
  const text = formatted(format, args);
  if (name === 'warning') captured?.push(text);
  print?.(name, text);
  return 0;
};

function formatted(format: Pointer, args: Pointer): string {
  const text: [Pointer | null] = [null];
  const length = system().vasprintf(text, format, args);
  if (length < 0 || text[0] === null) return '';
  try {
    return readString(text[0]).trimEnd();
  } finally {
    freePointer(text[0]);
  }
}

function install(): void {
  if (installed) return;
  const type = koffi.proto('int', ['int', 'void *', 'void *']);
  bpf().libbpf_set_print(koffi.register(receive, koffi.pointer(type)));
  installed = true;
}

/** Hands libbpf's messages to `callback` from now on; undefined: to nobody, which is how it starts. */
export function setPrintCallback(callback: PrintCallback | undefined): void {
  install();
  print = callback;
}

/** Runs `call` and returns libbpf's warnings with its result. */
export function withMessages<R>(call: () => R): { result: R; messages: readonly string[] } {
  install();
  const messages: string[] = [];
  captured = messages;
  try {
    return { result: call(), messages };
  } finally {
    captured = undefined;
  }
}
