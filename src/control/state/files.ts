import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../api-types/failure.ts';

/** Names of files that {@link prepare} left behind when it was killed end so. */
const TEMPORARY = /\.[0-9a-f]{8}\.new$/;

const NEWLINE = 0x0a;

/** New texts of this process that will be in place soon. */
const underWay = new Set<string>();

/** Whether a file is what a killed process left of a {@link prepare}: nobody will put it in place any more. */
export function isLeftBehind(path: string): boolean {
  return TEMPORARY.test(path) && !underWay.has(path);
}

/** Whether anything stands in a file; nothing where there is none. */
export async function hasContent(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** A file as good as replaced: its new text is on the disk beside it. */
export interface Prepared {
  /** A rename: needs no room. */
  commit(): Promise<void>;
  /** Throws the new text away. */
  discard(): Promise<void>;
}

/** @throws Failure where the disk does not take the text. */
export async function prepare(path: string, text: string | Uint8Array): Promise<Prepared> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.new`;
  const discard = async () => {
    await rm(temporary, { force: true });
    underWay.delete(temporary);
  };
  const commit = async () => {
    await rename(temporary, path);
    underWay.delete(temporary);
  };
  await makeDirectory(path);
  underWay.add(temporary);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard();
    throw notWritten(path, error);
  }
  return { commit, discard };
}

/** A reader sees the old file or the new one, and after a power cut one of the two is there whole. */
export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  await (await prepare(path, text)).commit();
}

/** Adds a line around `work`: it is on the disk before, and away again when `work` fails. */
export async function appendAround(path: string, line: string, work: () => Promise<void>): Promise<void> {
  const file = await openToAppend(path);
  try {
    const size = await wholeLines(file);
    try {
      await file.appendFile(`${line}\n`);
      await file.datasync();
    } catch (error) {
      await file.truncate(size);
      throw notWritten(path, error);
    }
    try {
      await work();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
}

/** Makes a file empty, on the disk too: the first line then waits for nothing else that was written before. */
export async function makeEmpty(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Lines of a file that are there whole: a process that was killed may have left half of one. */
export async function readLines(path: string): Promise<readonly string[]> {
  return ((await readIfThere(path)) ?? '').split('\n').slice(0, -1);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  return (await readBytesIfThere(path))?.toString('utf8');
}

/** As they are. */
export async function readBytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notWritten(path, error);
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  const toAppend = (): Promise<FileHandle> => open(path, 'a+', 0o600);
  try {
    return await toAppend();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritten(path, error);
  }
  await makeDirectory(path);
  try {
    return await toAppend();
  } catch (error) {
    throw notWritten(path, error);
  }
}

/** Bytes of the lines that are there whole; half of one is cut off. One byte tells that there is none. */
async function wholeLines(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === NEWLINE) return size;
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  await file.truncate(whole);
  return whole;
}

function notWritten(path: string, error: unknown): Failure {
  const { message } = error as Error;
  return new Failure('failed', `write ${path}: ${message} (make room there; nothing was changed)`, [], {
    cause: error,
  });
}
