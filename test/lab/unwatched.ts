/**
 * Definitions for labs that count every frame: where they say nothing about health, nobody is watched, so that there are no
 * probes. Those that say `health: {}` anywhere get the defaults.
 */
export function unwatched(definitions: string): string {
  if (/\bhealth\b/.test(definitions)) return definitions;
  if (definitions.trimStart().startsWith('{')) return definitions.replace('{', '{"health": "off", ');
  return `${definitions.trimEnd()}\nhealth: off\n`;
}
