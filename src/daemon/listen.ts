import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../api-types/failure.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens on a Unix socket that only root can open, and the members of a group. One left behind by a killed controller is
 * replaced.
 */
export async function listenOnSocket(app: FastifyInstance, path: string, group?: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (await answers(path))
    throw new Failure('locked', `listen ${path}: a controller runs there already (hopline status)`);
  await rm(path, { force: true });
  const mask = process.umask(0o177);
  try {
    await app.listen({ path });
  } finally {
    process.umask(mask);
  }
  if (group !== undefined) await chown(path, process.getuid!(), group);
  await chmod(path, group === undefined ? 0o600 : 0o660);
}

/** Listens for Prometheus. @throws Failure when the address cannot be had. */
export async function listenOnPort(app: FastifyInstance, { host, port }: HostPort): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new Failure('failed', `listen ${host}:${port}: ${(error as Error).message} (give --metrics another port)`);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
