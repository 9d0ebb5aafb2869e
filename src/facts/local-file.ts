import type { LocalFact, LocalFile } from '../core/fact.js'

/** A file of the controller, by path, checksum and size. */
export const localFile = (path: string): LocalFact<LocalFile> => ({ key: `local-file:${path}`, read: (controller) => controller.file(path) })

/** A text file of the controller. */
export const localText = (path: string): LocalFact<string> => ({ key: `local-text:${path}`, read: (controller) => controller.text(path) })

/** What is known without asking anybody, such as a secret among the arguments. */
export const constant = <T>(value: T): LocalFact<T> => ({ key: 'constant', read: () => Promise.resolve(value) })

/** The checksum of a file of the controller as it is now; nothing where there is none. */
export const localDigest = (path: string): LocalFact<string | undefined> => ({ key: `local-digest:${path}`, read: (controller) => controller.digest(path) })
