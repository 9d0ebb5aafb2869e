# What the three scripts by hand share: the floor that `npm run bench -- cluster` measures against.
# Each looks at what a run of the playbook looks at, and mends files, certificates' access and services; what a package, an archive or
# a new key would have to mend ends it, since nobody measures a first apply by hand.
set -u
umask 022
export LC_ALL=C
ok=0 changed=0
home=/opt/wso2/wso2mi-4.2.0
newline='
'

die() { echo "failed: $*" >&2; exit 1; }
is() { ok=$((ok+1)); }
did() { changed=$((changed+1)); }

# package NAME...
package() {
  [ "$(dpkg-query -W -f '${db:Status-Status}\n' -- "$@" 2>/dev/null | grep -cx installed)" = $# ] || die "not installed: $*"
  is
}

# directory PATH MODE OWNER
directory() {
  if [ "$(stat -c %F:%a:%U:%G -- "$1" 2>/dev/null)" = "directory:$2:$3" ]; then is; return; fi
  mkdir -p -- "$1" && chown -- "$3" "$1" && chmod -- "$2" "$1" || die "$1"
  did
}

# file PATH MODE OWNER CONTENT, where the content is without its last line end; true when it changed
file() {
  if [ "$(stat -c %F:%a:%U:%G -- "$1" 2>/dev/null)" = "regular file:$2:$3" ] && printf '%s\n' "$4" | cmp -s - "$1"; then is; return 1; fi
  new=${1%/*}/.${1##*/}.new
  (umask 077 && printf '%s\n' "$4" > "$new") && chown -- "$3" "$new" && chmod -- "$2" "$new" && mv -f -- "$new" "$1" || die "$1"
  did
}

# absent PATH
absent() {
  if [ ! -e "$1" ]; then is; return; fi
  rm -f -- "$1" || die "$1"
  did
}

# access PATH MODE OWNER
access() {
  if [ "$(stat -c %F:%a:%U:%G -- "$1" 2>/dev/null)" = "regular file:$2:$3" ]; then is; return; fi
  chown -- "$3" "$1" && chmod -- "$2" "$1" || die "$1"
  did
}

# name ADDRESS NAMES
name() {
  grep -qxF -- "$1 $2" /etc/hosts && { is; return; }
  die "/etc/hosts: $1 $2"
}

# runs UNIT, enabled too
runs() {
  state=$(systemctl show -p ActiveState,UnitFileState --value "$1" | tr '\n' ' ')
  if [ "$state" = 'active enabled ' ]; then is; return; fi
  systemctl -q enable --now "$1" || die "$1"
  did
}

# within SECONDS COMMAND...
within() {
  tries=$1
  shift
  until "$@"; do
    tries=$((tries-1))
    [ "$tries" -gt 0 ] || die "never: $*"
    sleep 1
  done
  is
}

# certificate FOLDER NAME OWNER NAMES...
certificate() {
  directory "$1" 755 "$3:$3"
  file "$1/ca.pem" 644 "$3:$3" "$authority"
  access "$1/$2.pem" 644 "$3:$3"
  access "$1/$2.key" 600 "$3:$3"
  pem=$1/$2.pem
  [ "$(openssl pkey -in "$1/$2.key" -pubout)" = "$(openssl x509 -in "$pem" -noout -pubkey)" ] || die "$pem: another key"
  openssl verify -CAfile "$1/ca.pem" -- "$pem" >/dev/null && openssl x509 -in "$pem" -noout -checkend 2592000 >/dev/null || die "$pem"
  said=$(openssl x509 -in "$pem" -noout -ext subjectAltName)
  shift 3
  for one; do
    case $said in *":$one"*) ;; *) die "$pem lacks $one" ;; esac
  done
  is
}

end() { echo "ok=$ok changed=$changed"; }

for pair in "$database db1" "$balancer lb1 $service" "$first mi1" "$second mi2"; do name "${pair%% *}" "${pair#* }"; done
