import { sh, type Script } from '../core/shell.js'

/** The release that hosts run, whatever this machine's is. */
export const suite = 'bookworm'

/** What every host has. No libpam-systemd: sessions would wait for logind, which in nested control groups can take a minute. No Python: nothing here may need it. */
export const basePackages = [
  'systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'iproute2', 'ca-certificates', 'procps', 'curl', 'unzip',
] as const

/** What hosts can install without a network, with all that these depend on. */
export const repositoryPackages = [
  'openjdk-17-jre-headless', 'openjdk-17-jdk-headless', 'mariadb-server', 'mariadb-client', 'postgresql', 'postgresql-client', 'nginx', 'rsync', 'zip', 'unzip',
  'libmariadb-java', 'libpostgresql-jdbc-java', 'libh2-java', 'libderby-java', 'libderbyclient-java', 'procps', 'openssl', 'acl', 'tree', 'subversion', 'slapd', 'ldap-utils', 'python3', 'python3-apt',
  'git', 'cron', 'chrony', 'nftables', 'ufw', 'firewalld',
] as const

/** The same of packages that one of those rules out. */
export const conflictingPackages = ['systemd-timesyncd'] as const

/** Where hosts find the package repository. */
export const repositoryDirectory = '/var/cache/lab-packages'

/** JDBC drivers that playbooks copy from the controller: file name → the Debian package that carries it. */
export const drivers = { 'mariadb-java-client.jar': 'libmariadb-java', 'postgresql.jar': 'libpostgresql-jdbc-java', 'h2.jar': 'libh2-java', 'derby.jar': 'libderby-java', 'derbynet.jar': 'libderby-java', 'derbyclient.jar': 'libderbyclient-java' } as const

const masked = [
  'systemd-networkd-wait-online.service', 'systemd-resolved.service', 'systemd-firstboot.service', 'console-getty.service', 'getty@.service',
  'apt-daily.timer', 'apt-daily-upgrade.timer',
] as const

/** Practice passwords, the same in every lab and written in its manual; the hosts can be reached from this machine alone. */
const practicePasswords = { operator: 'operator-lab', root: 'root-lab' } as const

/** Where this machine gets its own Debian packages from. */
export interface Mirrors { readonly main: string; readonly security: string | undefined }

const preamble = sh`set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[ -z "\${http_proxy:-}" ] || export http_proxy`

/** Makes `base`: a minimal Debian that boots, with users and ssh. Runs in the build directory, in namespaces of its own. */
export const buildBase = (mirrors: Mirrors): Script => sh`${preamble}
debootstrap --variant=minbase --include=${basePackages.join(',')} ${suite} base ${mirrors.main}
rm -f base/etc/ssh/ssh_host_* base/var/cache/apt/archives/*.deb
for file in machine-id resolv.conf hostname; do
  rm -f "base/etc/$file"
  : > "base/etc/$file"
  chmod 0644 "base/etc/$file"
done
chroot base useradd --create-home --shell /bin/bash --uid 1000 --user-group deploy
chroot base useradd --create-home --shell /bin/bash --uid 1001 --gid operator operator
printf '%s\\n' ${`operator:${practicePasswords.operator}`} ${`root:${practicePasswords.root}`} | chroot base chpasswd
printf '%s\\n' 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' > base/etc/sudoers.d/deploy
printf '%s\\n' 'operator ALL=(ALL:ALL) ALL' > base/etc/sudoers.d/operator
chmod 0440 base/etc/sudoers.d/deploy base/etc/sudoers.d/operator
for user in deploy operator; do
  chroot base install -d -m 0700 -o "$user" -g "$(chroot base id -gn "$user")" "/home/$user/.ssh"
done
for unit in ${masked}; do ln -sf /dev/null "base/etc/systemd/system/$unit"; done
chroot base systemctl -q enable systemd-networkd.service ssh.service`

/** Makes `base` from a plain base and more packages, which come from the mirrors. Runs in the build directory, in namespaces of its own. */
export const extendBase = (mirrors: Mirrors, plain: string, extra: readonly string[]): Script => sh`${preamble}
cp -a -- ${plain} base
cp base/etc/apt/sources.list sources.list
cat /etc/resolv.conf > base/etc/resolv.conf
${mirrorList(mirrors)} > base/etc/apt/sources.list
mkdir lists
cp -a base/var/lib/apt/lists lists
chroot base apt-get -q -o APT::Sandbox::User=root update
chroot base apt-get -q -y -o APT::Sandbox::User=root install --no-install-recommends ${extra}
chroot base apt-get clean
rm -rf base/var/lib/apt/lists
mv lists/lists base/var/lib/apt/lists
mv sources.list base/etc/apt/sources.list
rmdir lists
: > base/etc/resolv.conf`

/** Fetches the packages and all that they need beyond the base into `packages`, a repository; and `drivers` out of them. */
export const buildRepository = (mirrors: Mirrors): Script => sh`${preamble}
mkdir -p packages drivers fetch/upper fetch/work fetch/root
mount -t overlay overlay -o lowerdir=base,upperdir=fetch/upper,workdir=fetch/work fetch/root
cat /etc/resolv.conf > fetch/root/etc/resolv.conf
${mirrorList(mirrors)} > fetch/root/etc/apt/sources.list
mount --bind packages fetch/root/var/cache/apt/archives
chroot fetch/root apt-get -q -o APT::Sandbox::User=root update
chroot fetch/root apt-get -q -y -o APT::Sandbox::User=root install --download-only --no-install-recommends ${repositoryPackages}
chroot fetch/root apt-get -q -y -o APT::Sandbox::User=root install --download-only --no-install-recommends ${conflictingPackages}
umount fetch/root/var/cache/apt/archives fetch/root
rm -rf packages/lock packages/partial fetch
(cd packages && apt-ftparchive packages . > Packages)
${driverScript()}
mkdir -p ${`base${repositoryDirectory}`}
printf '%s\\n' ${`deb [trusted=yes] file:${repositoryDirectory} ./`} > base/etc/apt/sources.list
mount --bind packages ${`base${repositoryDirectory}`}
chroot base apt-get -q -o APT::Sandbox::User=root update
umount ${`base${repositoryDirectory}`}`

function mirrorList(mirrors: Mirrors): Script {
  return sh`printf '%s\\n' ${[
    `deb ${mirrors.main} ${suite} main`,
    ...(mirrors.security === undefined ? [] : [`deb ${mirrors.security} ${suite}-security main`]),
  ]}`
}

function driverScript(): Script {
  const each = Object.entries(drivers).map(([file, debianPackage]) => sh`dpkg-deb --extract packages/${debianPackage}_*.deb fetch-driver
cp -L fetch-driver/usr/share/java/${file} drivers/${file}
rm -rf fetch-driver`)
  return each.reduce((all, one) => sh`${all}
${one}`)
}
