import { sha256 } from '../core/digest.js'
import { reveal, type Text } from '../core/secret.js'
import { emit, type Script, script, sh } from '../core/shell.js'

/** What is to be done apart from the session, and what it reads. */
export interface Job { readonly run: Script; readonly stdin?: Text | undefined }

/** The same job has the same name, so that whoever comes later finds it. */
export const nameOf = ({ run, stdin }: Job): string => sha256(JSON.stringify([run.toString(), reveal(stdin ?? '')])).slice(0, 16)

/** Tells that somebody still follows, and ends when nobody listens any more: the frame around strips it from what the job says. */
const beat = sh`{ ! command -v beat >/dev/null || beat || exit 1; }`

/** Seconds in which a job that was begun must say that it lives. */
const SIGN_OF_LIFE = 20

/** What becomes of a job that nobody follows when it ends. */
interface Unfollowed {
  /** Its result is of no use, since the host itself shows whether it was done: everything goes with its end. */
  readonly isForgotten: boolean
  /** When the job was begun whose end came before anybody looked at the host: it is forgotten, and the job begun anew. */
  readonly old: string | undefined
}

const time = (file: string): Script => sh`$(date -u -r ${file} +%Y-%m-%dT%H:%M:%SZ)`

/**
 * Does a job apart from the session and follows it: it survives a lost connection, and the same script later follows it to its end, from its first line on,
 * or takes the result that nobody took. Script, input and output lie in a folder that only the acting user may enter, and go once the result is taken.
 */
export const detached = (job: Job, { isForgotten, old }: Unfollowed): Script => {
  const name = nameOf(job)
  return script(
    sh`j=$HOME/.local/state/provision/jobs/${name}`,
    old === undefined ? undefined : sh`[ ! -e "$j/begun" ] || [ "$(date -u -r "$j/begun" +%Y-%m-%dT%H:%M:%SZ)" != ${old} ] || rm -rf -- "$j"`,
    sh`umask 077; mkdir -p -- "$j" && cd -- "$j" || exit 1`,
    // the subshell that follows: it ends when nobody listens any more
    sh`sh -c 'echo "$PPID"' > follower || exit 1`,
    sh`if [ ! -e begun ]; then
${emit(job.run.text)} > job && ${emit(job.stdin ?? '')} > input && : > output || exit 1
printf '%s\\n' 'cd -- "$1" && echo $$ > pid && umask 022 && (cd ~ 2>/dev/null || cd /; exec sh "$1/job" < "$1/input" > "$1/output" 2>&1); echo $? > "$1/exit.new"; mv "$1/exit.new" "$1/exit"' > apart || exit 1
${isForgotten ? sh`printf '%s\\n' 'f=$(cat "$1/follower"); [ -d "/proc/\${f:-none}" ] || { cd / && rm -rf -- "$1"; }' >> apart || exit 1` : sh`:`}
: > begun
if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then systemd-run --quiet --collect --unit=${`provision-job-${name}`} --property=KillMode=process sh "$j/apart" "$j" || { rm -f begun; exit 1; }
else setsid sh "$j/apart" "$j" </dev/null >/dev/null 2>&1 & fi
elif [ -e exit ]; then echo "nothing is begun: it was begun before, at ${time('begun')}, and ended at ${time('exit')}; here is what it said" >&2
else echo "it was begun before, at ${time('begun')}; here is what it said so far" >&2; fi`,
    sh`at=0; patience=${SIGN_OF_LIFE}
while :; do
ended=; [ ! -e exit ] || ended=1
size=$(stat -c %s output) || exit 1
if [ "$size" -gt "$at" ]; then tail -c +$((at + 1)) output | head -c $((size - at)); at=$size; fi
[ -z "$ended" ] || break
if pid=$(cat pid 2>/dev/null) && [ -n "$pid" ]; then
if [ ! -d "/proc/$pid" ]; then sleep 1; [ -e exit ] || { cd / && rm -rf -- "$j"; echo 'what was begun ended without a result: was the host restarted?' >&2; exit 1; }; fi
else patience=$((patience - 1)); [ "$patience" -gt 0 ] || { cd / && rm -rf -- "$j"; echo 'what was to begin never did' >&2; exit 1; }; fi
${beat}
sleep 1
done
code=$(cat exit); cd / && rm -rf -- "$j"; exit "$code"`,
  )
}
