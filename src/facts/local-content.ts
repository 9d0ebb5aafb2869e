import type { LocalFact, LocalFile } from '../core/fact.js'
import { READ_WHOLE, textOf } from './file.js'

/** A file of the controller, with its text when that is what a host would show of it. */
export interface LocalContent { readonly file: LocalFile; readonly text?: string }

/** What shall be copied: `local-content:files/app.jar`. */
export const localContent = (path: string): LocalFact<LocalContent> => ({
  key: `local-content:${path}`,
  read: async (controller) => {
    const file = await controller.file(path)
    const text = file.size <= READ_WHOLE ? textOf(await controller.bytes(path)) : undefined
    return { file, ...(text === undefined ? {} : { text }) }
  },
})
