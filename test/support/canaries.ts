/** Secrets that no output may hold; each with words that any quoting leaves as they are. */
const CORE = 'c4n4ryKd83hsQ1zz'
const LINES = ['firstc4n4ryLineP7x', 'second "c4n4ry" Line9Wq2', 'thirdc4n4ryLineV5t']

export const canaries = {
  canary: `it's a "${CORE}" $x \\ %41`,
  canary_lines: `${LINES.join('\n')}\n`,
  canary_key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoiWzeMvM4FR4X83b
Ewcnfs40f/CuF1zfT9ouLYr9DXOhRANCAAS3uQgMQ6v09pPM2cnuYQQ4uaG82bth
SI9yd0QdC76/MOqYvmxxlcIgrh2bkr0+NGKbT+vwbSzLNR2f1iq1v7f9
-----END PRIVATE KEY-----
`,
}

/** What is left of the private key's secret number in any encoding of the text, and never part of its public key. */
const KEY = ['MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoiWzeMvM4FR4X83b', 'Ewcnfs40f/CuF1zfT9ouLYr9DXOhRANCAAS3uQgMQ6v09pPM2cnuYQQ4uaG82bth']

const words = [CORE, 'c4n4ryLineP7x', 'Line9Wq2', 'c4n4ryLineV5t', ...KEY]

/** In base64 a text may begin at the first, second or third of three bytes. */
const base64Forms = (text: string): readonly string[] => [0, 1, 2].map((before) =>
  Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64').slice(before === 0 ? 0 : 4, Math.floor((before + text.length) / 3) * 4))

const forms = words.flatMap((word) => [word, ...base64Forms(word), encodeURIComponent(word), Buffer.from(word).toString('hex')])

/** Where a canary is heard, with what stands around it. */
export const heard = (text: string): readonly string[] => forms.flatMap((form) => {
  const at = text.indexOf(form)
  return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + form.length + 100)]
})
