/** One question to a family of generic netlink, one answer: what libbpf 1.1 does not ask for itself. */
import { closeSync } from 'node:fs';
import { BpfError } from './errors.ts';
import { lastErrno } from './memory.ts';
import { system } from './signatures.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_GENERIC = 16;
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const MSG_DONTWAIT = 0x40;
/** struct nlmsghdr and struct genlmsghdr. */
const HEADER = 16 + 4;
const ATTRIBUTE_HEADER = 4;
const ANSWER_SIZE = 16 * 1024;

/** The controller, which knows the numbers of the other families (linux/genetlink.h). */
const CONTROL = { id: 16, command: 3, name: 2, family: 1 } as const;

export interface Attribute {
  readonly type: number;
  readonly payload: Uint8Array;
}

const align4 = (size: number): number => (size + 3) & ~3;

function request(family: number, command: number, { type, payload }: Attribute): Uint8Array {
  const size = HEADER + align4(ATTRIBUTE_HEADER + payload.length);
  const message = new Uint8Array(size);
  const view = new DataView(message.buffer);
  view.setUint32(0, size, true);
  view.setUint16(4, family, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint8(16, command);
  view.setUint8(17, 1);
  view.setUint16(HEADER, ATTRIBUTE_HEADER + payload.length, true);
  view.setUint16(HEADER + 2, type, true);
  message.set(payload, HEADER + ATTRIBUTE_HEADER);
  return message;
}

function attributes(message: DataView, end: number): Attribute[] {
  const found: Attribute[] = [];
  for (let at = HEADER; at + ATTRIBUTE_HEADER <= end; ) {
    const size = message.getUint16(at, true);
    if (size < ATTRIBUTE_HEADER || at + size > end) break;
    const payload = new Uint8Array(message.buffer, at + ATTRIBUTE_HEADER, size - ATTRIBUTE_HEADER);
    found.push({ type: message.getUint16(at + 2, true), payload });
    at += align4(size);
  }
  return found;
}

/** The kernel answers while it takes the question: waiting is never needed, and never done. */
function ask(socket: number, operation: string, object: string, message: Uint8Array): readonly Attribute[] {
  const { send, recv } = system();
  if (send(socket, message, message.length, 0) < 0) throw new BpfError(operation, object, lastErrno());
  const answer = new Uint8Array(ANSWER_SIZE);
  const size = recv(socket, answer, answer.length, MSG_DONTWAIT);
  if (size < 0) throw new BpfError(operation, object, lastErrno());
  const view = new DataView(answer.buffer);
  if (view.getUint16(4, true) === NLMSG_ERROR) throw new BpfError(operation, object, view.getInt32(16, true));
  return attributes(view, size);
}

/**
 * Asks the family called `name`, in this thread's network namespace.
 * @throws BpfError ENOENT where the kernel has no such family, else what the family answers.
 */
export function askNetlink(
  name: string,
  command: number,
  question: Attribute,
  operation: string,
  object: string,
): readonly Attribute[] {
  const socket = system().socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_GENERIC);
  if (socket < 0) throw new BpfError(operation, object, lastErrno());
  try {
    const wanted = { type: CONTROL.name, payload: new TextEncoder().encode(`${name}\0`) };
    const answer = ask(socket, operation, object, request(CONTROL.id, CONTROL.command, wanted));
    const id = answer.find(({ type }) => type === CONTROL.family)?.payload;
    if (!id) throw new BpfError(operation, object, 'ENOENT', { cause: `netlink has no family ${name}` });
    return ask(socket, operation, object, request(id[0]! | (id[1]! << 8), command, question));
  } finally {
    closeSync(socket);
  }
}
