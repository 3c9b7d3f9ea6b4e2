/** Real servers of Debian, each as a child on 127.0.0.1 of this network namespace. Nothing of the system is touched. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Program } from '../../lab/program.ts';
import * as text from './server-files.ts';

/** Starts them all; `folder` is theirs. */
export async function startServers(folder: string): Promise<readonly Program[]> {
  chmodSync(folder, 0o755);
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o644 });
    return path;
  };
  const [certificate, key] = certify(folder);
  const start = (command: string, args: readonly string[], env = {}): Program =>
    new Program(command, command, args, env);
  const slapd = file('slapd/slapd.conf', text.slapd(folder));
  execFileSync('slapadd', ['-f', slapd, '-l', file('slapd/base.ldif', text.ldif)]);
  file('vsftpd/empty/.keep', '');
  const mail = dirname(file('dovecot/mail/.keep', ''));
  chmodSync(mail, 0o777);
  const snmp = { MIBS: '', SNMP_PERSISTENT_DIR: join(folder, 'snmp'), SNMPCONFPATH: join(folder, 'snmp') };
  const sip = file('sip/options.xml', text.sipp);
  const sipp = ['-sf', sip, '-i', '127.0.0.1', '-nostdin'];
  return [
    start('nginx', ['-c', file('nginx/nginx.conf', text.nginx(folder, certificate, key))]),
    postgres(folder, file, key),
    mariadb(folder, file),
    start('vsftpd', [file('vsftpd/vsftpd.conf', text.vsftpd(folder))]),
    start('dnsmasq', text.dnsmasq),
    start('slapd', ['-d', '0', '-h', 'ldap://127.0.0.1', '-f', slapd]),
    start('snmpd', ['-f', '-Lo', '-C', '-c', file('snmp/agent.conf', text.snmpd), 'udp:127.0.0.1:161'], snmp),
    start('freeradius', ['-f', '-l', 'stdout', '-d', dirname(file('radius/radiusd.conf', radius(folder, file)))]),
    start('smtpd', ['-d', '-f', file('smtpd/smtpd.conf', text.smtpd)]),
    start('dovecot', ['-F', '-c', file('dovecot/dovecot.conf', text.dovecot(folder, certificate, key))]),
    start('sipp', [...sipp, '-p', '5060', '-t', 'u1'], { TERM: 'dumb' }),
    start('sipp', [...sipp, '-p', '5070', '-t', 't1'], { TERM: 'dumb' }),
  ];
}

function certify(folder: string): [string, string] {
  const [certificate, key] = [join(folder, 'well.pem'), join(folder, 'well.key')];
  const subject = ['-subj', '/CN=well.example', '-addext', 'subjectAltName=DNS:well.example'];
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '30'];
  const where = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...where], { stdio: 'ignore' });
  return [certificate, key];
}

function radius(folder: string, file: (name: string, content: string) => string): string {
  file('radius/dictionary', '$INCLUDE /usr/share/freeradius/dictionary\n');
  file('radius/users', 'ann Cleartext-Password := "a password of more than 16 bytes"\n');
  return text.radius(folder);
}

function postgres(folder: string, file: (name: string, content: string) => string, key: string): Program {
  const bin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
  if (bin === undefined) throw new Error('start PostgreSQL: it is not installed (make setup installs it)');
  const home = join(folder, 'postgres');
  const password = file('postgres/password', 'secret');
  const owner = Number(execFileSync('id', ['-u', 'postgres']));
  chownSync(home, owner, owner);
  const ownKey = file('postgres/key', readFileSync(key, 'utf8'));
  chownSync(ownKey, owner, owner);
  chmodSync(ownKey, 0o600);
  const asPostgres = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--'];
  const data = join(home, 'data');
  const login = ['-A', 'scram-sha-256', '-U', 'ann', '--pwfile', password];
  const quick = ['--no-sync', '--no-locale'];
  execFileSync('setpriv', [...asPostgres, join(bin, 'initdb'), '-D', data, ...login, ...quick], { stdio: 'ignore' });
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${home}`, 'fsync=off'];
  settings.push('ssl=on', `ssl_cert_file=${folder}/well.pem`, `ssl_key_file=${ownKey}`);
  const options = settings.flatMap((setting) => ['-c', setting]);
  return new Program('postgres', 'setpriv', [...asPostgres, join(bin, 'postgres'), '-D', data, ...options]);
}

function mariadb(folder: string, file: (name: string, content: string) => string): Program {
  const data = dirname(file('mariadb/data/.keep', ''));
  const tables = ['mysql_system_tables', 'mysql_system_tables_data'].map((name) =>
    readFileSync(`/usr/share/mysql/${name}.sql`, 'utf8'),
  );
  const common = ['--no-defaults', '--user=root', `--datadir=${data}`, '--skip-name-resolve'];
  const small = ['--innodb-buffer-pool-size=8M', '--innodb-log-file-size=4M', '--innodb-flush-method=nosync'];
  const input = ['CREATE DATABASE mysql;', 'USE mysql;', ...tables].join('\n');
  execFileSync('mariadbd', [...common, ...small, '--bootstrap'], { input, stdio: ['pipe', 'ignore', 'ignore'] });
  const users = file('mariadb/users.sql', "CREATE USER ann@'%' IDENTIFIED BY 'secret';\n");
  const where = ['--bind-address=127.0.0.1', `--socket=${folder}/mariadb/socket`, `--init-file=${users}`];
  return new Program('mariadb', 'mariadbd', [...common, ...small, ...where]);
}
