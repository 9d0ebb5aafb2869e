/** Where a file grows beside its target until it takes its place. */
export const partOf = (path: string, label: string): string => {
  const cut = path.lastIndexOf('/') + 1
  return `${path.slice(0, cut)}.${path.slice(cut)}.provision-${label}`
}

/** Where the file that was good last stays until the new one has stood its check. */
export const oldOf = (path: string): string => partOf(path, 'old')
