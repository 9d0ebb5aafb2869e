import { relative, resolve } from 'node:path'
import type { Failure } from '../core/errors.js'
import type { WalkDocument } from '../core/events.js'
import { escapeXml } from '../formats/xml.js'
import type { Shown } from '../report/annotations.js'
import { junit } from '../report/junit.js'
import { lineFile } from './line-file.js'

/** A report in JUnit's XML, in the file that `--junit` names; what an earlier run left there is gone at once. */
export const junitFile = (path: string, onLoss: (text: string) => void): WalkDocument => {
  const file = lineFile(path, '--junit', onLoss)
  return junit({ escape: escapeXml, now: () => new Date(), write: (text) => {
    file.write(text.trimEnd())
    file.close()
  } })
}

/** Several documents as one. */
export const documentOf = (all: readonly WalkDocument[]): WalkDocument => ({
  refuse: (errors: readonly Failure[]) => { for (const one of all) one.refuse(errors) },
  on: (event) => { for (const one of all) one.on(event) },
  // each at once: a program that is ended waits for nobody
  end: async () => { await Promise.all(all.map((one) => one.end())) },
})

/** Whether this is a job of GitHub's, which reads what it is told on standard error too. */
export const isOnGithub = (env = process.env): boolean => env['GITHUB_ACTIONS'] === 'true'

/** A file by where it lies in the repository that GitHub has checked out. */
export const shownOnGithub: Shown = (file) => {
  const workspace = process.env['GITHUB_WORKSPACE']
  const inside = workspace === undefined || workspace === '' ? file : relative(workspace, resolve(file))
  return inside.startsWith('..') ? file : inside
}
