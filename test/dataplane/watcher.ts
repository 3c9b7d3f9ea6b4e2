/**
 * Started beside a case: sends a client's packet, and one of the pool's present member, again and again until its input
 * ends; then prints how often each was answered for which reason.
 */
import { inspect } from '../../src/dataplane/index.ts';
import { frame } from './stage.ts';

const [instance, ifindex] = process.argv.slice(2);
const engine = inspect({ instance: instance! });
const reasons: Record<string, Record<number, number>> = { client: {}, member: {} };

function send(who: string, bytes: Uint8Array): void {
  const { reason } = engine.testRun(bytes, Number(ifindex)).trace;
  reasons[who]![reason] = (reasons[who]![reason] ?? 0) + 1;
}

process.stdin.on('end', () => {
  console.log(JSON.stringify(reasons));
  process.exit();
});
process.stdin.resume();
console.log('watching');

function watch(): void {
  for (let i = 0; i < 20; i++) {
    send('client', frame());
    send('member', frame(80, `020000000a0${engine.pool(1).outside}`));
  }
  setImmediate(watch);
}
watch();
