import { mapText, type Text } from './secret.js'

/** How a family of servers writes text, names and comments. */
export type Dialect = 'mysql' | 'postgresql'

/** Text as a literal of this dialect; secret text stays secret. */
export const sqlText = (value: Text, dialect: Dialect): Text => mapText(value, (text) => {
  const quoted = `'${text.replaceAll("'", "''")}'`
  if (!text.includes('\\')) return quoted
  return `${dialect === 'postgresql' ? 'E' : ''}${quoted.replaceAll('\\', '\\\\')}`
})

/** A name quoted, so that it is taken letter by letter. */
export const sqlName = (name: string, dialect: Dialect): string =>
  dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`
