import type { Place, ProvisionError } from '../core/errors.js'
import { yamlError } from './traps.js'

interface Wording { readonly code: string; readonly message: string; readonly hint: string }

const syntax = (message: string, hint: string): Wording => ({ code: 'yaml-syntax', message, hint })

/** What the parser's error codes mean, in words that cite nothing of the file, which may be secret. */
const wordings: Readonly<Record<string, Wording>> = {
  TAB_AS_INDENT: { code: 'yaml-tab', message: 'a tab stands where YAML wants spaces', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { code: 'yaml-documents', message: 'a second document starts here', hint: 'keep one document a file: take this line out, or make two files' },
  BLOCK_AS_IMPLICIT_KEY: syntax('a map starts in the middle of a line', 'quote the value if it holds ": ", or mend the indentation of the lines below'),
  MULTILINE_IMPLICIT_KEY: syntax('a key goes over several lines', 'write each key on one line, as "key: value"'),
  MISSING_CHAR: syntax('a quote, bracket, comma or colon is missing', 'close each quote and bracket, and inside { } put text that holds brackets in quotes'),
  BAD_INDENT: syntax('the indentation does not fit', 'align this line with its neighbours, or close the bracket above it'),
  BAD_DQ_ESCAPE: syntax('an unknown escape stands in double quotes', 'use single quotes, or write the backslash twice'),
  BAD_SCALAR_START: syntax('a value cannot start with this character', 'put the value in quotes'),
  UNEXPECTED_TOKEN: syntax('this does not belong here', 'check the indentation and the quotes here and on the lines above'),
  BLOCK_IN_FLOW: syntax('an indented block stands inside brackets', 'write the bracketed list or map on one line, or take the brackets away'),
  KEY_OVER_1024_CHARS: syntax('a key is longer than 1024 characters', 'put the value in quotes if it holds a colon'),
  RESOURCE_EXHAUSTION: syntax('the file is nested too deeply', 'make it flatter'),
}

const otherwise = syntax('this is not valid YAML', 'check the indentation and the quotes here')

/** One error of the parser in our words; `code` is the parser's. */
export const syntaxError = (code: string, at: Place): ProvisionError => {
  const { code: ours, message, hint } = wordings[code] ?? otherwise
  return yamlError(ours, message, at, hint)
}
