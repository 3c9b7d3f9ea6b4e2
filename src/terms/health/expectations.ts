/** What each protocol of src/health/probes is told to ask and to expect: plain values, made from the definitions. */

/** What an answer must hold; both, when both are given. */
export interface Content {
  readonly contains?: string;
  /** A regular expression, without slashes. */
  readonly matches?: string;
}

/** What a certificate must be. Without any of it: not expired, nothing else. */
export interface TlsExpectation {
  /** Name that is asked for (SNI) and that the certificate must carry. */
  readonly name?: string;
  /** Days for which the certificate must still be valid; 0 by default. */
  readonly days?: number;
  /** It must come from an authority that this machine (or `authority`) trusts; false by default. */
  readonly trusted?: boolean;
  /** PEM of the authority to trust instead of the machine's. */
  readonly authority?: string;
  /** Lowest version of TLS; TLSv1.2 by default. */
  readonly oldest?: 'TLSv1.2' | 'TLSv1.3';
}

/** What the probes of mail and file servers have in common. */
export interface BannerExpectation {
  /** What the server's greeting must hold. */
  readonly greeting?: Content;
  readonly tls?: TlsExpectation;
  /** Where TLS begins: with the connection, or (default) after the greeting by the protocol's own command. */
  readonly implicit?: boolean;
}

/** Servers that people log in at: FTP, POP3, IMAP. */
export interface LoginExpectation extends BannerExpectation {
  /** Logs in where given. */
  readonly user?: string;
  readonly password?: string;
}

/** What the probes of databases have in common. */
export interface DatabaseExpectation {
  /** Logs in as this user; without one it is enough that the server judges logins. */
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** `SELECT 1` by default. */
  readonly query?: string;
  /** Looked for in the rows, one a line, columns parted by blanks. */
  readonly answer?: Content;
}

/** What the `neighbour` probe asks and expects. */
export interface NeighbourExpectation {
  /** MAC that must answer; any by default. */
  readonly mac?: string;
}

/** What the `icmp` probe asks and expects. */
export interface IcmpExpectation {
  /** Bytes of payload; 56 by default. */
  readonly size?: number;
}

/** What the `tcp` probe asks and expects. */
export interface TcpExpectation {
  /** Sent once connected. */
  readonly send?: string;
  /** Waited for, until it is there or the target closes. */
  readonly answer?: Content;
  readonly tls?: TlsExpectation;
}

/** What the `udp` probe asks and expects. */
export interface UdpExpectation {
  /** `hopline` by default. */
  readonly send?: string;
  /** What must come back; by default what was sent, as an echo service does. */
  readonly answer?: Content;
}

/** What the `http` probe asks and expects. */
export interface HttpExpectation {
  /** `GET` by default. */
  readonly method?: string;
  /** `/` by default. */
  readonly path?: string;
  /** Host header; the TLS name, else the address, by default. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the request's body. */
  readonly send?: string;
  /** Codes that are right, as `200`, `2xx`, `200-399`; `2xx` and `3xx` by default. Redirects are not followed. */
  readonly status?: readonly string[];
  /** Looked for in the first 256 KiB of the body. */
  readonly body?: Content;
  /** Present for HTTPS. */
  readonly tls?: TlsExpectation;
}

/** What the `dns` probe asks and expects. */
export interface DnsExpectation {
  /** What is asked for, e.g. `www.example.com`. */
  readonly name: string;
  /** `A` by default. */
  readonly type?: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';
  /** Looked for in the records, one a line, the fields of a record parted by blanks. */
  readonly answer?: Content;
  /** The name must not exist: for a server that filters. */
  readonly absent?: boolean;
}

/** What the `smtp` probe asks and expects. */
export interface SmtpExpectation extends BannerExpectation {
  /** Our name in EHLO; `hopline.invalid` by default. */
  readonly hello?: string;
}

/** What the `sip` probe asks and expects. */
export interface SipExpectation {
  /** `udp` by default. */
  readonly transport?: 'udp' | 'tcp';
  /** TLS over TCP. */
  readonly tls?: TlsExpectation;
  /** Whom OPTIONS is for; `sip:ADDRESS` by default. */
  readonly uri?: string;
  /** Codes that are right; `2xx` by default. A proxy that knows nobody says 404 or 483 and is well all the same. */
  readonly status?: readonly string[];
}

/** What the `rtsp` probe asks and expects. */
export interface RtspExpectation {
  /** Address of a stream, which is then described; without it the server alone is asked for its options. */
  readonly uri?: string;
  /** Codes that are right; `2xx` by default. */
  readonly status?: readonly string[];
}

/** What the `postgres` probe asks and expects. */
export interface PostgresExpectation extends DatabaseExpectation {
  /** TLS before the login; the certificate is not judged (the `tls` probe does that). */
  readonly encrypted?: boolean;
  readonly answer?: Content;
}

/** What the `ldap` probe asks and expects. */
export interface LdapExpectation {
  /** Who binds; anonymous by default. */
  readonly user?: string;
  readonly password?: string;
  /** Distinguished name of an entry that must be there. */
  readonly base?: string;
  /** LDAPS. */
  readonly tls?: TlsExpectation;
}

/** What the `radius` probe asks and expects. */
export interface RadiusExpectation {
  /** Shared with the server. */
  readonly secret: string;
  /** Asks for access for this user; without one the server is asked for its status (RFC 5997). */
  readonly user?: string;
  readonly password?: string;
  /** `accept` by default; with `any`, a rejected or challenged user does as well. */
  readonly answer?: 'accept' | 'any';
}

/** What the `snmp` probe asks and expects. */
export interface SnmpExpectation {
  /** Version 2c with this community, `public` by default; unless `user` is there. */
  readonly community?: string;
  /** Version 3. */
  readonly user?: SnmpUser;
  /** What is read; `1.3.6.1.2.1.1.3.0` (sysUpTime) by default. */
  readonly oid?: string;
  readonly answer?: Content;
  /** The value must be a number within these, e.g. a load or a count of sessions. */
  readonly least?: number;
  readonly most?: number;
}

/** Who asks by SNMP version 3. */
export interface SnmpUser {
  readonly name: string;
  readonly authenticate?: { readonly by: 'md5' | 'sha' | 'sha256' | 'sha512'; readonly key: string };
  readonly encrypt?: { readonly by: 'des' | 'aes'; readonly key: string };
}

/** What the `command` probe asks and expects. */
export interface CommandExpectation {
  /** Program and arguments; no shell in between. */
  readonly run: readonly string[];
  /** Exit code that is right; 0 by default. */
  readonly exit?: number;
  /** Looked for in the first 64 KiB of what it writes, both streams. */
  readonly output?: Content;
}

/** By the name a protocol has in definitions. */
export interface Expectations {
  readonly neighbour: NeighbourExpectation;
  readonly icmp: IcmpExpectation;
  readonly tcp: TcpExpectation;
  readonly udp: UdpExpectation;
  readonly http: HttpExpectation;
  readonly tls: TlsExpectation;
  readonly dns: DnsExpectation;
  readonly smtp: SmtpExpectation;
  readonly pop3: LoginExpectation;
  readonly imap: LoginExpectation;
  readonly ftp: LoginExpectation;
  readonly sip: SipExpectation;
  readonly rtsp: RtspExpectation;
  readonly mysql: DatabaseExpectation;
  readonly postgres: PostgresExpectation;
  readonly ldap: LdapExpectation;
  readonly radius: RadiusExpectation;
  readonly snmp: SnmpExpectation;
  readonly command: CommandExpectation;
}

export type AddressProtocol = keyof Expectations;
