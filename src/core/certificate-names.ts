/** A DNS name in lower case, or an IP address in its shortest form. */
export const canonicalName = (name: string): string => {
  if (!name.includes(':')) return name.toLowerCase()
  const url = `http://[${name}]/`
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : name.toLowerCase()
}

/** The names that none of the certificate's covers; `*.example.org` covers one label. */
export const namesLacking = (wanted: readonly string[], names: readonly string[]): string[] =>
  wanted.filter((name) => !names.includes(name) && !(name.includes('.') && !/^[\d.]+$/.test(name) && names.includes(`*${name.slice(name.indexOf('.'))}`)))
