# The 51 steps of ordinary.yaml by hand: the floor that `npm run bench` measures against.
# Run as root on the host, `ssh HOST sudo sh < ordinary.sh`; each step looks first, writes only what differs, and is counted.
set -u
umask 022
export LC_ALL=C
ok=0 changed=0
host=$(hostname)
port=8080
domain=shop.example.com
tab='	'

die() { echo "failed: $*" >&2; exit 1; }
is() { ok=$((ok+1)); }
did() { changed=$((changed+1)); }

# user NAME HOME SHELL
user() {
  entry=$(getent passwd "$1") || { useradd -r -U -d "$2" -M -s "$3" -- "$1" || die "$1"; did; return; }
  rest=${entry#*:*:*:*:*:}
  if [ "$rest" = "$2:$3" ]; then is; else usermod -d "$2" -s "$3" -- "$1" || die "$1"; did; fi
}

# directory PATH MODE OWNER
directory() {
  if [ "$(stat -c %F:%a:%U:%G -- "$1" 2>/dev/null)" = "directory:$2:$3" ]; then is; return; fi
  mkdir -p -- "$1" && chown -- "$3" "$1" && chmod -- "$2" "$1" || die "$1"
  did
}

# file PATH MODE OWNER CONTENT, where the content is without its last line end
file() {
  if [ "$(stat -c %F:%a:%U:%G -- "$1" 2>/dev/null)" = "regular file:$2:$3" ] && printf '%s\n' "$4" | cmp -s - "$1"; then is; return; fi
  new=${1%/*}/.${1##*/}.new
  printf '%s\n' "$4" > "$new" && chown -- "$3" "$new" && chmod -- "$2" "$new" && mv -f -- "$new" "$1" || die "$1"
  did
}

# line PATH LINE [MATCH]
line() {
  if grep -qxF -- "$2" "$1"; then is; return; fi
  new=${1%/*}/.${1##*/}.new
  cp -p -- "$1" "$new" || die "$1"
  if [ -n "${3-}" ] && grep -qE -- "$3" "$1"; then sed -E "s|$3.*|$2|" "$1" > "$new" || die "$1"; else printf '%s\n' "$2" >> "$new" || die "$1"; fi
  mv -f -- "$new" "$1" || die "$1"
  did
}

# worker NAME THREADS QUEUE
worker() {
  timeout=10
  [ "$3" -le 500 ] || timeout=60
  file "/etc/shop/workers.d/$1.conf" 640 root:shop "[$1]
host = $host
url = https://$domain/$1
threads = $2
queue = $3
timeout = $timeout"
}

user shop /srv/shop /usr/sbin/nologin
user shoplog /var/log/shop /usr/sbin/nologin
user backup2 /var/backups/shop /bin/sh
user report /srv/shop/reports /bin/sh

directory /srv/shop 755 shop:shop
directory /srv/shop/bin 755 root:root
directory /srv/shop/data 750 shop:shop
directory /srv/shop/data/cache 700 shop:shop
directory /srv/shop/reports 750 report:report
directory /etc/shop 750 root:shop
directory /etc/shop/workers.d 750 root:shop
directory /etc/shop/keys 700 shop:shop
directory /var/log/shop 755 shoplog:shoplog
directory /var/backups/shop 700 backup2:backup2

file /etc/motd 644 root:root 'A server of the shop.
Changes by hand are undone.'
file /etc/shop/version 644 root:root 4.2.0
file /etc/shop/features 640 root:shop 'basket=on
wishlist=on
reviews=off
vouchers=on'
file /etc/shop/currencies 640 root:shop 'EUR
CHF
GBP
USD'
file /etc/shop/countries 640 root:shop 'AT
CH
DE
FR
GB
IT
US'
file /etc/shop/banned 640 root:shop '192.0.2.1
192.0.2.2
198.51.100.7'
file /etc/shop/keys/README 600 shop:shop 'Keys are brought here by their owners.'
file /etc/logrotate.d/shop 644 root:root '/var/log/shop/*.log {
  weekly
  rotate 8
  compress
  missingok
  create 0640 shoplog shoplog
}'
file /etc/cron.d/shop 644 root:root '17 3 * * * backup2 /srv/shop/bin/backup
*/5 * * * * report /srv/shop/bin/report'
file /etc/sysctl.d/60-shop.conf 644 root:root 'net.core.somaxconn = 1024
vm.swappiness = 10'
file /etc/security/limits.d/shop.conf 644 root:root 'shop soft nofile 65536
shop hard nofile 65536'
file /etc/profile.d/shop.sh 644 root:root 'export SHOP_HOME=/srv/shop
export PATH="$PATH:/srv/shop/bin"'
file /srv/shop/bin/backup 755 root:root '#!/bin/sh
set -eu
day=$(date +%Y-%m-%d)
tar -czf "/var/backups/shop/$day.tar.gz" -C /srv/shop data
find /var/backups/shop -name '\''*.tar.gz'\'' -mtime +14 -delete'
file /srv/shop/bin/report 755 root:root '#!/bin/sh
set -eu
for log in /var/log/shop/*.log; do
  [ -e "$log" ] || continue
  grep -c '\''order placed'\'' "$log" > "/srv/shop/reports/$(basename "$log" .log).count"
done'
file /srv/shop/bin/agent 755 root:root '#!/bin/sh
while :; do
  cut -d'\'' '\'' -f1 /proc/loadavg > /srv/shop/data/load
  sleep 60
done'
file /etc/systemd/system/shop-agent.service 644 root:root '[Unit]
Description=Watches over the shop
[Service]
User=shop
ExecStart=/srv/shop/bin/agent
Restart=on-failure
[Install]
WantedBy=multi-user.target'

file /etc/shop/shop.conf 640 root:shop "# The shop on $host
domain = $domain
listen = 127.0.0.1:$port
data = /srv/shop/data
cache = /srv/shop/data/cache
log = /var/log/shop/$host.log
workers = /etc/shop/workers.d
thumbnail = 64x64
thumbnail = 128x128
thumbnail = 256x256
thumbnail = 512x512"
file /etc/shop/access.conf 640 root:shop 'allow 10.20.0.0/16;
allow 10.21.0.0/16;
allow 10.22.0.0/16;
allow 127.0.0.1;
deny all;'
worker basket 8 200
worker checkout 4 50
worker images 16 1000
worker mail 2 5000
worker search 8 100
worker stock 4 400
worker tax 2 100
worker users 4 100

line /etc/login.defs "UMASK$tab${tab}027" '^UMASK\s'
line /etc/login.defs "PASS_MIN_DAYS${tab}1" '^#?PASS_MIN_DAYS\s'
line /etc/environment SHOP_HOME=/srv/shop
line /etc/environment SHOP_ENVIRONMENT=production
line /etc/ssh/ssh_config '    ServerAliveInterval 30'
line /etc/shells /srv/shop/bin/shell
line /etc/adduser.conf DIR_MODE=0750 '^#?DIR_MODE='
line /etc/sysctl.conf 'net.ipv4.tcp_syncookies = 1' '^#?net.ipv4.tcp_syncookies'

if [ "$(readlink -- /usr/local/bin/shop-backup)" = /srv/shop/bin/backup ]; then is; else ln -sfn -- /srv/shop/bin/backup /usr/local/bin/shop-backup || die link; did; fi
if [ -e /etc/shop/keys/session ]; then is; else
  head -c 32 /dev/urandom | base64 > /etc/shop/keys/session.new && chown shop:shop /etc/shop/keys/session.new && mv /etc/shop/keys/session.new /etc/shop/keys/session || die session
  did
fi
if [ "$(systemctl is-enabled shop-agent.service 2>/dev/null)" = enabled ] && systemctl is-active -q shop-agent.service; then is; else
  systemctl daemon-reload && systemctl enable -q shop-agent.service && systemctl start shop-agent.service || die shop-agent
  did
fi

echo "ok=$ok changed=$changed"
