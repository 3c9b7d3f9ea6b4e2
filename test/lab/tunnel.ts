/** A WireGuard tunnel between two hosts, by wireguard-go: a real VPN that hides the ports inside. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';
import { run } from './run.ts';

export interface TunnelEnd {
  readonly host: Host;
  /** Address inside the tunnel, without prefix length. */
  readonly address: string;
  /** Lines for `sh`, run when wg0 is up: routes through it. */
  readonly routes?: readonly string[];
}

export interface TunnelFields {
  readonly client: TunnelEnd;
  readonly server: TunnelEnd;
  /** What the client sends its tunnel packets to. */
  readonly endpoint: string;
  readonly port: number;
}

interface Keys {
  readonly private: string;
  readonly public: string;
}

async function makeKeys(): Promise<Keys> {
  const secret = await run('wg', ['genkey']);
  return { private: secret.trim(), public: (await run('wg', ['pubkey'], { input: secret })).trim() };
}

/** wireguard-go keeps its socket under a fixed path: each gets a /run/wireguard of its own. */
const START = `set -e
mkdir -p /run/wireguard
mount -t tmpfs tmpfs /run/wireguard
WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 wireguard-go -f wg0 2>&1 | grep -v '[│┌└]' &
until [ -S /run/wireguard/wg0.sock ]; do sleep 0.01; done
wg setconf wg0 "$1"
ip address add "$2"/32 dev wg0
ip link set wg0 mtu 1380 up
. "$3"
echo tunnel is up
for try in $(seq 100); do
	if wg show wg0 latest-handshakes | grep -q '[1-9][0-9]*$'; then echo hands are shaken; break; fi
	sleep 0.02
done
wait`;

async function startEnd(end: TunnelEnd, config: string): Promise<Program> {
  const file = end.host.file('wg0.conf', config);
  const routes = end.host.file('wg0.routes', `${(end.routes ?? []).join('\n')}\n`);
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', START, 'sh', file, end.address, routes];
  const program = end.host.start('unshare', args);
  await program.shows(/tunnel is up/);
  return program;
}

/**
 * Starts both ends, and waits for their handshake. The client sends whatever it routes to wg0.
 * @throws Error with the log of wireguard-go when nothing comes through in time.
 */
export async function startTunnel({ client, server, endpoint, port }: TunnelFields): Promise<void> {
  const [clientKeys, serverKeys] = await Promise.all([makeKeys(), makeKeys()]);
  await startEnd(
    server,
    `[Interface]\nPrivateKey = ${serverKeys.private}\nListenPort = ${port}\n` +
      `[Peer]\nPublicKey = ${clientKeys.public}\nAllowedIPs = ${client.address}/32\n`,
  );
  const opened = await startEnd(
    client,
    `[Interface]\nPrivateKey = ${clientKeys.private}\n` +
      `[Peer]\nPublicKey = ${serverKeys.public}\nEndpoint = ${endpoint}:${port}\nAllowedIPs = 0.0.0.0/0\nPersistentKeepalive = 60\n`,
  );
  await opened.shows(/hands are shaken/, 5_000);
}
