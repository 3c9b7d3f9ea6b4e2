/** What a probe asks and what it expects to hear: read by who sends it, never by the machine. */

/** Protocols with an exchange of their own; where a login is given it is tried, else the greeting decides. */
export type Dialogue = 'smtp' | 'pop3' | 'ftp' | 'sip' | 'rtsp' | 'mysql' | 'postgresql' | 'ldap' | 'radius' | 'snmp';

export type Question =
  /** A marked frame in at one leg that must come out of the other, both ways. `frames`: a pcap file instead of our own. */
  | { readonly kind: 'through'; readonly frames?: string }
  /** Frames of a pcap file that the device must stop: one that comes out is a failure. */
  | { readonly kind: 'negative'; readonly frames: string }
  /** SYN, SYN-ACK, clean end: to the service address at the device's MAC, or to its own address where it is `nat`. */
  | { readonly kind: 'handshake'; readonly port: number; readonly address?: string }
  | { readonly kind: 'neighbour' }
  | { readonly kind: 'icmp'; readonly size?: number }
  | { readonly kind: 'tcp'; readonly port: number; readonly send?: string; readonly expect?: string }
  | { readonly kind: 'udp'; readonly port: number; readonly send: string; readonly expect?: string }
  | {
      readonly kind: 'http';
      readonly port: number;
      readonly tls: boolean;
      readonly method: string;
      readonly path: string;
      readonly host?: string;
      /** "200", "2xx", "200-399". */
      readonly status: string;
      /** A regular expression the body must match. */
      readonly body?: string;
    }
  /** Fails `days` before the certificate ends. */
  | { readonly kind: 'tls'; readonly port: number; readonly name?: string; readonly days: number }
  | {
      readonly kind: 'dns';
      readonly port: number;
      readonly name: string;
      readonly type: string;
      readonly answer?: string;
    }
  | {
      readonly kind: Dialogue;
      readonly port: number;
      readonly expect?: string;
      readonly login?: { readonly user: string; readonly secret: string };
    }
  /** A command of the user's: exit code 0 is an answer. */
  | { readonly kind: 'command'; readonly argv: readonly string[] };

export type ProbeKind = Question['kind'];
