/** What may come of a step beside what it is for; people who approve a plan look for these words first. */
export const risks = ['destructive', 'restart', 'data', 'network', 'opaque', 'secret', 'irreversible'] as const
export type Risk = (typeof risks)[number]

/** What each word tells the reader. */
export const aboutRisk: Readonly<Record<Risk, string>> = {
  destructive: 'something is removed',
  restart: 'a service stops for a moment, or for good',
  data: 'a database, or what lies in it, is altered',
  network: 'who is reached under which name, and by whom, is altered',
  opaque: 'what it does is known by its command alone',
  secret: 'a secret is written to the host',
  irreversible: 'it cannot be taken back by the program',
}
