import type { Secret } from '../core/secret.js'
import { grant } from '../core/grant.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import { KEYTOOL_OPTIONS, tell, type KeystoreType } from '../facts/keystore.js'
import type { Access } from './file-access.js'

/** An entry to be put into a keystore. */
export type Put =
  | { readonly alias: string; readonly key: string; readonly certificate: string; readonly chain?: string | undefined }
  | { readonly alias: string; readonly certificate: string }
  | { readonly alias: string; readonly pem: string }

interface Work {
  readonly path: string
  readonly type: KeystoreType
  readonly password: Secret
  readonly keytool: string
  readonly access: Access
  readonly exists: boolean
  readonly remove: readonly string[]
  readonly put: readonly Put[]
}

/** Changes a copy of a keystore beside it, and moves it into place when all is well; passwords travel through pipes only. */
export const keystoreScript = ({ path, type, password, keytool, access, exists, remove, put }: Work): Script => {
  const work = `${path.slice(0, path.lastIndexOf('/') + 1)}.${path.slice(path.lastIndexOf('/') + 1)}.provision-work`
  const store = `${work}/store`
  return script(
    sh`umask 077; rm -rf -- ${work} && mkdir -- ${work} || exit 1`,
    sh`trap ${sh`rm -rf -- ${work}`.toString()} EXIT`,
    // Its warnings about the format that was asked for are noise; what it says is shown when it fails.
    sh`keytool() { said=$(LC_ALL=C command ${keytool} ${KEYTOOL_OPTIONS} "$@" -noprompt 2>&1) || { printf '%s\\n' "$said" >&2; return 1; }; }`,
    sh`change() { ${tell(password)} | keytool "$@" -keystore ${store} -storetype ${type} -storepass:file /dev/stdin; }`,
    exists && sh`cp -- ${path} ${store} || exit 1`,
    ...remove.map((alias) => sh`change -delete -alias ${alias} || exit 1`),
    ...put.map((entry) => ('key' in entry ? putKey(entry, type, password, work) : putCertificate(entry, work))),
    sh`${grant(store, access)} && mv -f -- ${store} ${path} || exit 1`,
  )
}

const putCertificate = (entry: Exclude<Put, { readonly key: string }>, work: string): Script => {
  if ('certificate' in entry) return sh`change -importcert -alias ${entry.alias} -file ${entry.certificate} || exit 1`
  return script(sh`${emit(entry.pem)} > ${`${work}/pem`} || exit 1`, sh`change -importcert -alias ${entry.alias} -file ${`${work}/pem`} || exit 1`)
}

/**
 * keytool imports no PEM key: openssl wraps it first, with algorithms that every Java since 7 reads;
 * they protect a file that lives for a second in a directory of ours.
 */
const putKey = ({ alias, key, certificate, chain }: Extract<Put, { readonly key: string }>, type: KeystoreType, password: Secret, work: string): Script => script(
  sh`${tell(password)} | openssl pkcs12 -export -name ${alias} -inkey ${key} -in ${certificate} ${chain === undefined ? [] : ['-certfile', chain]} \\
  -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout stdin -out ${`${work}/p12`} || exit 1`,
  sh`${tell(password)} | { exec 3<&0; ${tell(password)} | keytool -importkeystore -srckeystore ${`${work}/p12`} -srcstoretype PKCS12 -srcalias ${alias} -srcstorepass:file /dev/stdin \\
  -destkeystore ${`${work}/store`} -deststoretype ${type} -destalias ${alias} -deststorepass:file /dev/fd/3; } || exit 1`,
)
