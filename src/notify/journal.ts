import type { Logger } from '../dataplane/types.ts';
import type { ToldEvent } from '../health/types.ts';

const BAD = new Set(['down', 'flapping']);
const BAD_NEWS: ReadonlySet<string> = new Set(['unavailable', 'no-spare', 'rejected']);
/** What goes from one thing to another. */
const CHANGES: ReadonlySet<string> = new Set(['state', 'move', 'mode', 'probe']);

const isLost = ({ what, to }: ToldEvent): boolean => what === 'address' && to === 'gone';
const isOpenMode = ({ what, to }: ToldEvent): boolean => what === 'mode' && to === undefined;

/** The event as one line of the journal, with its fields; a warning where something does not work. */
export function writeJournal(logger: Logger, event: ToldEvent): void {
  const isBad =
    BAD_NEWS.has(event.what) ||
    isLost(event) ||
    isOpenMode(event) ||
    (event.what === 'state' && BAD.has(event.to ?? ''));
  const { time: _, ...fields } = event;
  logger[isBad ? 'warn' : 'info'](fields, sentence(event));
}

/** "firewalls: fw1 -> fw2: fw1 is down: …", as people read it. */
export function sentence({ what, device, application, pool, from, to, reason }: ToldEvent): string {
  const who = [pool ?? device, device !== undefined ? application : undefined].filter((part) => part !== undefined);
  const change = to !== undefined && CHANGES.has(what) ? `${from} -> ${to}` : what;
  return `${[who.join(' '), change].filter((part) => part !== '').join(': ')}: ${reason}`;
}
