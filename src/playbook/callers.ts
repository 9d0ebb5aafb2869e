import type { Place } from '../core/errors.js'
import type { YamlDocument, YamlPath } from '../yaml/document.js'
import type { FrameSource, Inherited, Placed, StepNode } from './nodes.js'

/** Who imports or includes a file, and what they give it. */
export interface Caller { readonly given: Readonly<Record<string, Placed>>; readonly frame: FrameSource | undefined; readonly place: Place }

/** What is around a step of the files: its file, and what the play and the includes say. */
export interface Around {
  readonly document: YamlDocument
  readonly frame: FrameSource | undefined
  readonly conditions: StepNode['conditions']
  readonly become: StepNode['become']
  readonly tags: readonly string[]
  readonly procedure: boolean
  readonly verify: boolean
  /** Files on the way here, so that none includes itself. */
  readonly trail: readonly string[]
}

/** The caller as it is written at this place of its file. */
export const callerOf = (document: YamlDocument, base: YamlPath, given: Readonly<Record<string, unknown>>, frame: FrameSource | undefined, place: Place): Caller => ({
  given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, place: document.placeOf([...base, 'with', name]), within: (path) => document.placeOf([...base, 'with', name, ...path]) }])), frame, place,
})

/** A value that steps have from what is around them, if it is said there. */
export const inherited = <T>(value: T | undefined, document: YamlDocument, path: YamlPath, frame: FrameSource | undefined): Inherited<T> | undefined =>
  (value === undefined ? undefined : { value, place: document.placeOf(path), within: (inner) => document.placeOf([...path, ...inner]), frame })

/** The folder of a file as it is named. */
export const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.')
