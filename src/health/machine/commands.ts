import type { Pools, Word } from './pools.ts';
import type { Command } from './report.ts';
import type { Roster } from './roster.ts';
import type { Subject } from './subject.ts';

/**
 * Carries a command into the subjects and pools; nothing is decided yet.
 * @returns the devices it is about.
 * @throws RangeError for names that do not exist and members that cannot serve; nothing is changed then.
 */
export function carryOut(command: Command, roster: Roster, pools: Pools): readonly Subject[] {
  switch (command.kind) {
    case 'drain':
      return [setDuty(find(roster, command.kind, command.device), 'draining')];
    case 'maintenance':
      return [setDuty(find(roster, command.kind, command.device), 'maintenance')];
    case 'restore':
      return restore(find(roster, command.kind, command.device), roster);
    case 'replace':
      return replace(command, roster, pools);
    case 'use': {
      const words = pools.words.filter(({ spec }) => spec.pool === command.pool);
      if (words.length === 0) throw new RangeError(`use ${command.pool}: there is no pool of this name (pool list)`);
      return [choose(words, `use ${command.pool}`, command.member, roster)];
    }
  }
}

function find(roster: Roster, what: string, device: string): Subject {
  const subject = roster.device(device);
  if (subject === undefined) throw new RangeError(`${what} ${device}: there is no device of this name (device list)`);
  return subject;
}

function setDuty(subject: Subject, duty: 'draining' | 'maintenance'): Subject {
  subject.duty = duty;
  subject.vacantSince = undefined;
  // Who asks again is answered again.
  subject.toldStuck = false;
  return subject;
}

/** Applications come back with their device: whoever says so has looked at it. */
function restore(device: Subject, roster: Roster): readonly Subject[] {
  device.duty = 'serving';
  const subjects = roster.of(device.spec.name);
  for (const subject of subjects) {
    subject.falls = [];
    subject.told = subject.health === 'down' || subject.health === 'held-up' || subject.health === 'flapping';
  }
  return subjects;
}

function replace({ device, by }: Command & { kind: 'replace' }, roster: Roster, pools: Pools): readonly Subject[] {
  const old = find(roster, 'replace', device);
  const what = `replace ${device}`;
  find(roster, what, by);
  const words = pools.words.filter(({ spec }) => spec.members.includes(device) && spec.members.includes(by));
  if (device === by || words.length === 0) {
    throw new RangeError(`${what}: ${by} is in no pool with it (put both into one, or change the services)`);
  }
  const used = words.filter(({ target }) => 'member' in target && target.member === device);
  const successor = choose(used, what, by, roster);
  return [setDuty(old, 'draining'), successor];
}

function choose(words: readonly Word[], what: string, member: string, roster: Roster): Subject {
  const foreign = words.find(({ spec }) => !spec.members.includes(member));
  if (foreign !== undefined) {
    throw new RangeError(`${what}: ${member} is not a member (members: ${foreign.spec.members.join(', ')})`);
  }
  const subject = find(roster, what, member);
  if (subject.duty !== 'serving' || !FIT.has(subject.health)) {
    throw new RangeError(`${what}: ${member} is ${subject.state}: ${subject.words} (device restore ${member})`);
  }
  for (const { spec } of words) {
    const own = roster.application(member, spec.application);
    if (own === undefined || FIT.has(own.health)) continue;
    throw new RangeError(
      `${what}: ${member} is ${own.state} for ${own.application}: ${own.words} (device restore ${member})`,
    );
  }
  for (const word of words) word.choice = member;
  return subject;
}

const FIT = new Set(['up', 'suspect', 'unknown']);
