/** Foreign text on one line, without control characters and terminal sequences. */
export const oneLine = (text: string): string => withoutControls(text).replace(/[\n\t]/g, ' ')

/** Foreign text without control characters and terminal sequences, at most so many of its last lines. */
export const printable = (text: string, lines = 40): string =>
  withoutControls(text).trim().split('\n').slice(-lines).join('\n')

const withoutControls = (text: string): string =>
  text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
