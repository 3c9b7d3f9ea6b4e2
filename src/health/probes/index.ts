/** Probes to an address: what a target must answer, by protocol. */
import type { AddressProtocol, Expectations } from '../../terms/health/expectations.ts';
import { probeCommand } from './command.ts';
import { probeDns } from './dns.ts';
import { probeFtp } from './ftp.ts';
import { probeHttp } from './http.ts';
import { probeIcmp } from './icmp.ts';
import { probeImap } from './imap.ts';
import { probeLdap } from './ldap.ts';
import { probeMysql } from './mysql.ts';
import { probeNeighbour } from './neighbour.ts';
import { probePop3 } from './pop3.ts';
import { probePostgres } from './postgres.ts';
import { probeRadius } from './radius.ts';
import { probeRtsp } from './rtsp.ts';
import { probeSip } from './sip.ts';
import { probeSmtp } from './smtp.ts';
import { probeSnmp } from './snmp.ts';
import { probeTcp } from './tcp.ts';
import { probeTls } from './tls.ts';
import type { Probe, ProbeResult, ProbeTarget } from './types.ts';
import { probeUdp } from './udp.ts';

export type { Probe, ProbeResult, ProbeTarget } from './types.ts';

/** Every protocol by the name it has in definitions. */
export const probes = {
  neighbour: probeNeighbour,
  icmp: probeIcmp,
  tcp: probeTcp,
  udp: probeUdp,
  http: probeHttp,
  tls: probeTls,
  dns: probeDns,
  smtp: probeSmtp,
  pop3: probePop3,
  imap: probeImap,
  ftp: probeFtp,
  sip: probeSip,
  rtsp: probeRtsp,
  mysql: probeMysql,
  postgres: probePostgres,
  ldap: probeLdap,
  radius: probeRadius,
  snmp: probeSnmp,
  command: probeCommand,
} as const satisfies { readonly [Kind in AddressProtocol]: Probe<Expectations[Kind]> };

/** Asks a target once, by whichever protocol. */
export function probe<Kind extends AddressProtocol>(
  kind: Kind,
  target: ProbeTarget,
  expectation: Expectations[Kind],
): Promise<ProbeResult> {
  return (probes[kind] as Probe<Expectations[Kind]>)(target, expectation);
}
