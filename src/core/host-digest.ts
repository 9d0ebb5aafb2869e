import { sh, type Script } from './shell.js'

/** From so many bytes on it pays to start OpenSSL for a digest. */
export const LARGE = 16_777_216

/** Succeeds if a large file on the host has this SHA-256: OpenSSL is asked where the host has it, and `sha256sum` else. */
export const hasDigest = (path: string, sha256: string): Script =>
  sh`{ d=$(openssl dgst -sha256 -r ${path} 2>/dev/null) || d=$(sha256sum -- ${path}); [ "\${d%% *}" = ${sha256} ]; }`
