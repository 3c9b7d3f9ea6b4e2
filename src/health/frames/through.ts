import type { ProbeFrame } from '../../dataplane/probe/prober-types.ts';
import type { Device, Service } from '../../model/types.ts';
import type { ThroughQuestion } from '../../terms/health/question.ts';
import type { Direction } from '../../terms/health/spec.ts';
import { onLink, turnedRound } from './given.ts';
import { markedFrame } from './mark.ts';
import { markedPacket } from './marked-packet.ts';
import { linkLength } from './packet.ts';
import { ownEnds, type ReadyLeg, type Site, Unable } from './site.ts';
import type { Materials } from './types.ts';

/** A frame but for its number. */
export interface Draft {
  readonly direction?: Direction;
  /** Of a handshake: the service it asks for. */
  readonly service?: Service;
  readonly make: (id: number) => ProbeFrame;
}

interface Passage {
  readonly direction: Direction;
  readonly from: ReadyLeg;
  /** Number of the leg it comes out of. */
  readonly to: number;
}

/** Our own frame through a device, both ways. @throws Unable */
export function throughDrafts(
  site: Site,
  device: Device,
  { protocol: by = 'udp', family }: ThroughQuestion,
  { cookie }: Materials,
): Draft[] {
  const passages = passagesOf(site, device);
  const [{ from: outside }, { from: inside }] = passages;
  if (device.forwards === 'bridge') {
    return passages.map(({ direction, from, to }) => ({
      direction,
      make: (id) => marked(id, from, to, markedFrame(from.link, cookie, id)),
    }));
  }
  const own = ownEnds(outside, inside, family);
  return passages.map(({ direction, from, to }) => {
    const [source, destination] = direction === 'forward' ? [own.outside, own.inside] : [own.inside, own.outside];
    const ends = { source, destination };
    return { direction, make: (id) => marked(id, from, to, markedPacket({ link: from.link, ends, by, cookie, id })) };
  });
}

/** The first frame of a file on the way in, the second (or the first turned round) on the way back. @throws Unable */
export function givenDrafts(site: Site, device: Device, file: string, { files }: Materials): Draft[] {
  const [first, second] = framesOf(file, files);
  return passagesOf(site, device).map(({ direction, from, to }) => {
    const bytes = direction === 'forward' ? first! : (second ?? turnedRound(first!));
    return givenDraft({ direction, from, to }, bytes, file);
  });
}

/** Every frame of a file on the way in. @throws Unable */
export function negativeDrafts(site: Site, device: Device, file: string, { files }: Materials): Draft[] {
  const [forward] = passagesOf(site, device);
  return framesOf(file, files).map((bytes) => givenDraft(forward, bytes, file));
}

/** Frames of one negative probe; more would be a load of their own. */
const MOST = 16;

function framesOf(file: string, files: Materials['files']): readonly Uint8Array[] {
  const frames = files.get(file) ?? 'it was not read';
  if (typeof frames === 'string') throw new Unable(`${file}: ${frames}`);
  if (frames.length > MOST) throw new Unable(`${file} has ${frames.length} frames (at most ${MOST})`);
  return frames;
}

function givenDraft({ direction, from, to }: Passage, frame: Uint8Array, file: string): Draft {
  const bytes = onLink(frame, from.link);
  const length = bytes.length - linkLength(from.link);
  if (length > from.nic.mtu) {
    throw new Unable(
      `${file}: ${length} bytes are more than ${from.nic.name} takes (ip link set ${from.nic.name} mtu)`,
    );
  }
  const { ifindex } = from.plan;
  return { direction, make: (id) => ({ id, kind: 'frame', bytes, ifindex, arrivesFrom: to, offset: 0 }) };
}

function passagesOf(site: Site, device: Device): [Passage, Passage] {
  if (device.oneLegged)
    throw new Unable('it has one leg: nothing comes out of another (give it `outside` and `inside`)');
  const outside = site.ready(device, 'outside');
  const inside = site.ready(device, 'inside');
  const sameSegment = outside.nic === inside.nic && outside.plan.vlans.join() === inside.plan.vlans.join();
  if (device.forwards === 'bridge' && sameSegment) {
    throw new Unable(
      `both legs are on ${outside.nic.name}, untagged or with the same VLAN (give each leg a VLAN of its own)`,
    );
  }
  return [
    { direction: 'forward', from: outside, to: inside.plan.leg },
    { direction: 'return', from: inside, to: outside.plan.leg },
  ];
}

function marked(
  id: number,
  from: ReadyLeg,
  arrivesFrom: number,
  frame: { readonly bytes: Uint8Array; readonly offset: number },
): ProbeFrame {
  return { id, kind: 'marked', ...frame, ifindex: from.plan.ifindex, arrivesFrom };
}
