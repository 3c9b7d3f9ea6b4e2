/** What systemd would do with a unit, as far as the controller needs it: the command, and the powers it has. */

export interface Unit {
  readonly command: readonly string[];
  readonly capabilities: readonly string[];
  /** Values of a key, in order. */
  readonly all: (key: string) => readonly string[];
}

export function readUnit(text: string): Unit {
  const all = (key: string): string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${key}=`))
      .map((line) => line.slice(key.length + 1));
  const words = (key: string): string[] => all(key).flatMap((line) => line.split(/\s+/));
  return {
    command: words('ExecStart').filter((word) => !word.startsWith('$')),
    capabilities: words('CapabilityBoundingSet'),
    all,
  };
}

/** The command as systemd starts it: root without the powers that are not named, and without ways to more. */
export function asUnit(unit: Unit, capabilities = unit.capabilities): string[] {
  const kept = capabilities.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`);
  const groups = unit.all('SupplementaryGroups').join(',');
  return [
    'setpriv',
    `--bounding-set=${['-all', ...kept].join(',')}`,
    '--inh-caps=-all',
    '--no-new-privs',
    `--groups=${groups}`,
    '--',
    'sh',
    '-c',
    'umask 0077; exec "$@"',
    'sh',
    ...unit.command,
  ];
}
