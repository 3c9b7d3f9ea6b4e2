/** Real servers, set up the way a scenario needs them. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';

/** nginx on some ports of all addresses; each answers with the text given for it; under /wait once it has the
 * whole request. /big and /slow are the host's file big, the latter at 400 KB/s. */
export async function startNginx(host: Host, answers: Readonly<Record<number, string>>): Promise<Program> {
  const servers = Object.entries(answers).map(
    ([port, text]) => `server {
    listen ${port}; listen [::]:${port};
    default_type text/plain;
    location / { return 200 "${text}\\n"; }
    location /big { root ${host.folder}; }
    location /slow { alias ${host.folder}/big; limit_rate 400k; }
    location /wait { proxy_pass http://127.0.0.1:${port}/; }
  }`,
  );
  const config = host.file(
    'nginx.conf',
    `daemon off; master_process off; user root; pid ${host.folder}/nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log ${host.folder}/access.log; client_body_temp_path ${host.folder}; proxy_temp_path ${host.folder};
  fastcgi_temp_path ${host.folder}; uwsgi_temp_path ${host.folder}; scgi_temp_path ${host.folder};
  ${servers.join('\n  ')}
}
`,
  );
  const nginx = host.start('nginx', ['-e', 'stderr', '-p', host.folder, '-c', config]);
  await Promise.all(Object.keys(answers).map((port) => host.listens(nginx, Number(port))));
  return nginx;
}

/** One HTTP request with curl; the body. `to` is "address:port". @throws Error when it fails or takes over 5 s. */
export function fetchHttp(host: Host, to: string, ...options: readonly string[]): Promise<string> {
  return host.run('curl', ['--silent', '--show-error', '--fail', '--max-time', '5', ...options, `http://${to}/`]);
}

export interface FtpFields {
  /** Ports it negotiates for data. */
  readonly min: number;
  readonly max: number;
  /** Address it negotiates; by default the one it was reached by. */
  readonly address?: string;
}

/** vsftpd, anonymous, passive; serves one file. */
export async function startFtp(host: Host, fields: FtpFields, text: string): Promise<Program> {
  host.file('pub/file.txt', text);
  const empty = host.file('empty/.keep', '').replace('/.keep', '');
  const config = host.file(
    'vsftpd.conf',
    `listen=YES
background=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=${host.folder}/pub
secure_chroot_dir=${empty}
seccomp_sandbox=NO
pasv_enable=YES
pasv_min_port=${fields.min}
pasv_max_port=${fields.max}
${fields.address === undefined ? '' : `pasv_address=${fields.address}\n`}xferlog_enable=NO
`,
  );
  const vsftpd = host.start('vsftpd', [config]);
  await host.listens(vsftpd, 21);
  return vsftpd;
}
