import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Denied } from '../api-types/failure.ts';
import { SUDO_HEADER } from '../api-types/operations.ts';
import { userName } from '../control/actor.ts';
import { peerOf } from '../dataplane/index.ts';

/** Groups whose members may use the control socket, by number. */
export interface Groups {
  /** May look, and open the socket. */
  readonly readers: number;
  /** May also change; undefined where this machine has no such group. */
  readonly admins: number | undefined;
}

const NAMES = { readers: 'hopline', admins: 'hopline-admin' };

/** From the text of /etc/group; undefined where nobody but root is meant to use the socket. */
export function findGroups(text: string): Groups | undefined {
  const numbers = new Map(text.split('\n').map((line) => [line.split(':')[0]!, Number(line.split(':')[2])]));
  const readers = numbers.get(NAMES.readers);
  return readers === undefined ? undefined : { readers, admins: numbers.get(NAMES.admins) };
}

type Rights = 'none' | 'read' | 'change';

/** A connection stays what it was when it was opened. */
const known = new WeakMap<Socket, Rights>();

/** @throws Denied when whoever opened this connection may not do this. */
export function allow({ method, url, raw }: FastifyRequest, groups: Groups): void {
  const has = known.get(raw.socket) ?? rightsOf(raw.socket, groups);
  known.set(raw.socket, has);
  const needs = isLook(method, url) ? 'read' : 'change';
  if (has === 'change' || has === needs) return;
  const group = needs === 'read' ? NAMES.readers : NAMES.admins;
  throw new Denied(
    `${method} ${url}: only root and members of the group ${group} may do this (sudo hopline …, or: sudo adduser NAME ${group}, and log in again)`,
  );
}

function rightsOf(socket: Socket, groups: Groups): Rights {
  const { uid, gids } = peerOf((socket as unknown as { _handle: { fd: number } })._handle.fd);
  if (uid === 0 || uid === process.getuid!()) return 'change';
  if (groups.admins !== undefined && gids.includes(groups.admins)) return 'change';
  return gids.includes(groups.readers) ? 'read' : 'none';
}

/** Who is at the other end, by name: for the history. */
export function whoAsks({ raw, headers }: FastifyRequest): string {
  const handle = (raw.socket as unknown as { _handle?: { fd?: number } } | undefined)?._handle;
  if (handle?.fd === undefined) return 'nobody known';
  const sudo = headers[SUDO_HEADER];
  return userName(peerOf(handle.fd).uid, typeof sudo === 'string' ? sudo : undefined);
}

/** Whether this only looks. Definitions may hold what probes log in with: whoever reads them could also change something, elsewhere. */
export const isLook = (method: string, url: string): boolean =>
  (method === 'GET' || method === 'HEAD') && !/^\/(definitions|history|export)\b/.test(url);
