const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name)

/** OpenSSH's pattern lists: `*` and `?`, and one pattern with `!` that matches excludes the name. */
export const matchesPatterns = (patterns: readonly string[], name: string): boolean => {
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, name))
}
