/** Lays out what packages hold, below a folder. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes or copies files below one folder. */
export class Stage {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
  }

  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    writeFileSync(this.#place(path), content);
    chmodSync(join(this.root, path), mode);
  }

  copy(from: string, path: string, mode = 0o644): void {
    copyFileSync(from, this.#place(path));
    chmodSync(join(this.root, path), mode);
  }

  folder(from: string, path: string): void {
    cpSync(from, this.#place(path), { recursive: true });
  }

  link(target: string, path: string): void {
    symlinkSync(target, this.#place(path));
  }

  #place(path: string): string {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  }
}

/** The program below `home`: bin/hopline finds the rest beside it. */
export function program(stage: Stage, home: string, object: string): void {
  stage.copy('bin/hopline', join(home, 'bin/hopline'), 0o755);
  stage.folder('.output/dist', join(home, 'dist'));
  stage.copy(object, join(home, 'hopline.bpf.o'));
}

const LIBRARY = ['index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs', 'package.json', 'LICENSE.txt'];

/** koffi, with its library for this architecture and glibc only. */
export function koffi(stage: Stage, home: string): void {
  const from = 'node_modules/koffi';
  for (const file of LIBRARY) stage.copy(join(from, file), join(home, 'node_modules/koffi', file));
  const native = `@koromix/koffi-linux-${process.arch}`;
  const files = ['package.json', 'index.js', `linux_${process.arch}/koffi.node`];
  for (const file of files) stage.copy(join('node_modules', native, file), join(home, 'node_modules', native, file));
}
