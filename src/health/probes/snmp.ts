import { isIPv6 } from 'node:net';
import type { Session, User } from 'net-snmp';
import type { SnmpExpectation, SnmpUser } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { socketAddress } from './connect.ts';
import { checkContent } from './content.ts';
import { ProbeFailure } from './failure.ts';
import { exportsOf } from './load-module.ts';
import type { Probe, ProbeTarget } from './types.ts';

/** Reads one object. */
export const probeSnmp: Probe<SnmpExpectation> = async (target, expectation) => {
  // Loaded by the first probe that needs it, outside of its time.
  const snmp = exportsOf(await import('net-snmp'));
  return attempt(target, async (held) => {
    const { oid = '1.3.6.1.2.1.1.3.0', answer, least, most } = expectation;
    const session = openSession(snmp, target, expectation);
    held.defer(() => {
      const closed = new Promise((resolve) => session.on('close', () => resolve(undefined)));
      session.close();
      return closed;
    });
    held.stage = `reading ${oid}`;
    const value = await new Promise<string>((resolve, reject) => {
      session.on('error', (error) => reject(new ProbeFailure(`garbage: ${error.message}`)));
      session.get([oid], (error, variables) => {
        const variable = variables?.[0];
        if (error !== null) reject(error);
        else if (variable === undefined || snmp.isVarbindError(variable)) {
          reject(new ProbeFailure(variable === undefined ? 'garbage: no value' : snmp.varbindError(variable)));
        } else resolve(String(variable.value));
      });
    });
    checkContent('the value', value, answer);
    if (least !== undefined && !(Number(value) >= least)) throw new ProbeFailure(`${value} is less than ${least}`);
    if (most !== undefined && !(Number(value) <= most)) throw new ProbeFailure(`${value} is more than ${most}`);
    return value;
  });
};

function openSession(snmp: typeof import('net-snmp'), target: ProbeTarget, expectation: SnmpExpectation): Session {
  const options = {
    port: target.port ?? 161,
    transport: isIPv6(target.address) ? 'udp6' : 'udp4',
    // The attempt has the time limit; its own must only not come first.
    timeout: target.timeoutMs + 1_000,
    retries: 0,
    ...(target.from === undefined ? {} : { sourceAddress: target.from }),
  } as const;
  const address = socketAddress(target);
  if (expectation.user !== undefined) return snmp.createV3Session(address, userOf(snmp, expectation.user), options);
  return snmp.createSession(address, expectation.community ?? 'public', { ...options, version: snmp.Version2c });
}

function userOf(snmp: typeof import('net-snmp'), user: SnmpUser): User {
  const { name, authenticate, encrypt } = user;
  const { SecurityLevel, AuthProtocols, PrivProtocols } = snmp;
  if (authenticate === undefined) return { name, level: SecurityLevel.noAuthNoPriv };
  const proved = { name, authProtocol: AuthProtocols[authenticate.by], authKey: authenticate.key };
  if (encrypt === undefined) return { ...proved, level: SecurityLevel.authNoPriv };
  return { ...proved, level: SecurityLevel.authPriv, privProtocol: PrivProtocols[encrypt.by], privKey: encrypt.key };
}
