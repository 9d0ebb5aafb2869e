/** Asks for a secret at the terminal; nothing is echoed. */
export const askSecret = async (message: string): Promise<string> => {
  const { default: inquirer } = await import('inquirer')
  const { answer } = await inquirer.prompt<{ answer: string }>([{ type: 'password', name: 'answer', message, mask: false }], {})
  return answer
}

/** Asks a yes-or-no question whose safe answer is no. */
export const askYes = async (message: string): Promise<boolean> => {
  const { default: inquirer } = await import('inquirer')
  const { answer } = await inquirer.prompt<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message, default: false }])
  return answer
}
