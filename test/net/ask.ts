/** Asks the kernel of this namespace for neighbours on a NIC and prints what it knows a moment later: `ask.ts NIC ADDRESS...`. */
import { setTimeout as wait } from 'node:timers/promises';
import { askFor } from '../../src/net/resolve.ts';
import { readNetwork } from '../../src/net/snapshot.ts';

const [nic = '', ...addresses] = process.argv.slice(2);
const wanted = addresses.map((address) => ({ device: nic, address }));
let known = new Map<string, string>();
// ND waits until the own link-local address was found to be nobody else's: a second or two after the NIC came up.
for (let tries = 0; tries < 20 && !addresses.every((address) => known.has(`${nic} ${address}`)); tries++) {
  await askFor(wanted.filter(({ address }) => !known.has(`${nic} ${address}`)));
  await wait(250);
  known = new Map((await readNetwork()).neighbours);
}
console.log(JSON.stringify(Object.fromEntries([...known].filter(([, mac]) => mac.startsWith('02:')))));
