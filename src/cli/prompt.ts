import { exitCode, ProvisionError } from '../core/errors.js'

/** Asks for a secret at the terminal; nothing is echoed. */
export const askSecret = (message: string): Promise<string> => answered(async () => {
  const { default: inquirer } = await import('inquirer')
  const { answer } = await inquirer.prompt<{ answer: string }>([{ type: 'password', name: 'answer', message, mask: false }], {})
  return answer
})

/** Asks a yes-or-no question whose safe answer is no. */
export const askYes = (message: string): Promise<boolean> => answered(async () => {
  const { default: inquirer } = await import('inquirer')
  const { answer } = await inquirer.prompt<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message, default: false }])
  return answer
})

/** Asks whether to do a step: no, yes, or yes to all that follow. */
export const askStep = (message: string): Promise<'no' | 'yes' | 'continue'> => answered(async () => {
  const { default: inquirer } = await import('inquirer')
  const { answer } = await inquirer.prompt<{ answer: 'no' | 'yes' | 'continue' }>([{
    type: 'expand', name: 'answer', message, default: 'n',
    choices: [{ key: 'n', name: 'no, leave it out', value: 'no' }, { key: 'y', name: 'yes', value: 'yes' }, { key: 'c', name: 'yes, and do not ask again', value: 'continue' }],
  }])
  return answer
})

/** Ctrl-C at a question is an answer too. */
const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error
    throw new ProvisionError('interrupted', 'interrupted at the question: nothing was changed', { exit: exitCode.interrupted, cause: error })
  }
}
