/** What the real servers are configured with. */

export const nginx = (folder: string, certificate: string, key: string): string => `
daemon off; pid ${folder}/nginx/pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_certificate ${certificate}; ssl_certificate_key ${key};
  server { listen 127.0.0.1:80 default_server; return 421; }
  server {
    listen 127.0.0.1:80; listen 127.0.0.1:443 ssl; server_name 127.0.0.1 well.example;
    location = / { return 200 "all is well\\n"; }
    location / { return 404; }
  }
}
`;

export const vsftpd = (folder: string): string => `
listen=YES
listen_address=127.0.0.1
background=NO
anonymous_enable=YES
local_enable=NO
anon_root=${folder}/vsftpd/empty
secure_chroot_dir=${folder}/vsftpd/empty
seccomp_sandbox=NO
xferlog_enable=NO
`;

export const dnsmasq: readonly string[] = [
  ...['-k', '-C', '/dev/null', '-u', 'root', '--no-resolv', '--no-hosts', '--no-poll', '--pid-file='],
  ...['--listen-address=127.0.0.1', '--bind-interfaces'],
  ...['--host-record=www.well.example,192.0.2.7', '--local=/well.example/'],
];

export const slapd = (folder: string): string => `
include /etc/ldap/schema/core.schema
pidfile ${folder}/slapd/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
directory ${folder}/slapd
suffix "dc=well,dc=example"
rootdn "cn=admin,dc=well,dc=example"
rootpw secret
`;

export const ldif = `dn: dc=well,dc=example
objectClass: dcObject
objectClass: organization
o: well
dc: well
`;

export const snmpd = `
rocommunity public
sysName well.example
createUser probe SHA password1 AES password2
rouser probe
`;

export const radius = (folder: string): string => `
raddbdir = ${folder}/radius
run_dir = ${folder}/radius
pidfile = ${folder}/radius/pid
libdir = /usr/lib/freeradius
security {
  status_server = yes
  allow_vulnerable_openssl = yes
}
thread pool {
  start_servers = 1
  max_servers = 2
  min_spare_servers = 1
  max_spare_servers = 1
}
client probe {
  ipaddr = 127.0.0.1
  secret = shared
}
modules {
  pap { }
  files { filename = ${folder}/radius/users }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  authorize {
    files
    pap
  }
  authenticate {
    pap
  }
}
`;

export const smtpd = `
listen on 127.0.0.1 port 25 hostname well.example
action "out" relay
match from local for any reject
`;

export const dovecot = (folder: string, certificate: string, key: string): string => `
base_dir = ${folder}/dovecot/run
state_dir = ${folder}/dovecot/state
protocols = imap pop3
listen = 127.0.0.1
log_path = /dev/stderr
ssl = yes
ssl_cert = <${certificate}
ssl_key = <${key}
disable_plaintext_auth = no
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
mail_location = maildir:${folder}/dovecot/mail/%u
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${folder}/dovecot/mail/%u
}
`;

export const sipp = `<?xml version="1.0"?>
<scenario name="options">
  <recv request="OPTIONS"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
`;
