import type { HostFact } from '../../src/core/fact.js'
import { fileAt } from '../../src/facts/file.js'
import { group } from '../../src/facts/group.js'
import { packageOf } from '../../src/facts/package.js'
import { portListens } from '../../src/facts/port.js'
import { program } from '../../src/facts/program.js'
import { sysctlValue } from '../../src/facts/sysctl.js'
import { unit } from '../../src/facts/unit.js'
import { user } from '../../src/facts/user.js'
import { userGroups } from '../../src/facts/user-groups.js'

const paths = `/ /bin /boot /etc /home /lib /opt /root /sbin /srv /usr /usr/bin /usr/local /usr/local/bin /usr/share /var /var/lib /var/log /var/mail /var/www /run /tmp
/etc/passwd /etc/passwd- /etc/shadow /etc/shadow- /etc/group /etc/group- /etc/gshadow /etc/subuid /etc/hosts /etc/hostname /etc/fstab /etc/profile /etc/environment /etc/ld.so.cache
/etc/apt/sources.list /etc/ca-certificates.conf /etc/ssl /etc/ssl/certs /etc/ssl/certs/ca-certificates.crt /etc/ssl/private /etc/ssl/app /etc/ssl/openssl.cnf
/etc/security /etc/security/limits.conf /etc/security/limits.d /etc/sysctl.conf /etc/sysctl.d /etc/ssh /etc/ssh/sshd_config /etc/sudoers /etc/motd
/etc/systemd/system /etc/systemd/system/multi-user.target.wants /etc/systemd/system/multi-user.target.wants/provision-sleeper.service
/etc/systemd/system/provision-sleeper.service /etc/systemd/system/provision-clock.service /etc/systemd/system/provision-sleeper.service.d/more.conf
/etc/mysql /etc/mysql/mariadb.cnf /etc/postgresql /etc/postgresql/15/main/pg_hba.conf /etc/postgresql/15/main/postgresql.conf /etc/default/cron /etc/nginx/nginx.conf
/home/deploy /home/deploy/.ssh /home/deploy/.ssh/authorized_keys /home/provision-someone /var/mail/provision-someone /opt/provision-app /opt/drivers /opt/app-1.2.0 /opt/app-tar /opt/provision-current
/run/provision-sleeper /srv/provision-lab /srv/provision-old /home/provision-old /var/lib/dpkg /var/lib/mysql /var/lib/postgresql /var/www/html /usr/bin/tree /usr/bin/unzip /usr/bin/zip /usr/bin/keytool /usr/bin/java /bin/sh /var/tmp /var/tmp/d
/etc/provision-lab-file /etc/provision-lines /etc/provision-blocks /etc/provision-greeting /etc/provision-bytes /etc/profile.d /etc/logrotate.d /etc/cron.d /etc/init.d`.split(/\s+/)

const units = 'ssh.service cron.service dbus.service mariadb.service postgresql.service postgresql@15-main.service provision-sleeper.service provision-clock.service provision-many@1.service provision-many@2.service provision-slow.service systemd-journald.service systemd-logind.service multi-user.target nothing.service'.split(' ')
const packages = 'base-files coreutils curl libmariadb3 mariadb-client mariadb-server nginx openjdk-17-jre-headless openssl postgresql postgresql-15 sudo tree unzip zip'.split(' ')
const users = 'root daemon deploy operator www-data mysql postgres provision-app provision-someone app nobody'.split(' ')
const groups = 'root adm sudo deploy www-data mysql postgres ssl-cert provision-a provision-b provision-extra provision-app provision-someone app'.split(' ')
const programs = 'sh tree zip unzip curl openssl keytool java mariadb psql nginx sysctl systemctl'.split(' ')
const sysctls = 'vm.swappiness vm.max_map_count vm.dirty_ratio net.core.somaxconn net.ipv4.ip_local_port_range net.ipv4.tcp_keepalive_time kernel.pid_max fs.file-max'.split(' ')

/** Facts all over a host: whatever a step alters, it alters none of them without saying so. */
export const watchedFacts: readonly HostFact[] = [
  ...paths.map(fileAt), ...units.map(unit), ...packages.map((name) => packageOf(name)), ...users.map(user), ...users.map(userGroups), ...groups.map(group),
  ...programs.map(program), ...sysctls.map(sysctlValue), ...[22, 80, 443, 3306, 5432, 8080, 8290].map(portListens),
]
