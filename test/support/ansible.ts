import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why nothing can be compared with Ansible here; undefined when it can. */
export const noAnsibleReason = (): string | undefined => {
  const { stdout = '' } = spawnSync('ansible-playbook', ['--version'], { encoding: 'utf8' })
  const version = /^ansible-playbook \[core (\d+\.\d+)/.exec(stdout)?.[1]
  if (version === undefined) return 'Ansible is not installed'
  return version === '2.14' ? undefined : `Ansible is ${version} here, and what it does is written down for 2.14`
}

/** One task as it ended on its host. */
export interface Task { readonly name: string; readonly changed: boolean; readonly failed: boolean; readonly message: unknown }

interface Output { readonly plays: readonly { readonly tasks: readonly { readonly task: { readonly name: string }; readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>> }[] }[] }

/** Runs plays on one host, as Ansible reaches it with these arguments, and gives what became of each task. */
export const ansible = async (plays: readonly unknown[], inventory: string, more: readonly string[] = []): Promise<readonly Task[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'provision-ansible-'))
  try {
    const file = join(folder, 'site.json')
    await writeFile(file, JSON.stringify(plays))
    const environment = {
      ...process.env, LC_ALL: 'C.UTF-8', HOME: folder, ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_LOCALHOST_WARNING: 'false', ANSIBLE_DEPRECATION_WARNINGS: 'false', ANSIBLE_PIPELINING: 'true',
      ANSIBLE_LOCAL_TEMP: join(folder, 'local'), ANSIBLE_RETRY_FILES_ENABLED: 'false',
    }
    const stdout = await new Promise<string>((settle, reject) => {
      execFile('ansible-playbook', ['-i', inventory, ...more, file], { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) => {
        // A failed task is told in the output; without any, Ansible itself did not get so far.
        if (out.includes('"plays"')) settle(out)
        else reject(error ?? new Error(err))
      })
    })
    const { plays: played } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Output // the form of its json callback
    return played.flatMap(({ tasks }) => tasks.flatMap(({ task, hosts }) => Object.values(hosts).map((told) => (
      { name: task.name, changed: told['changed'] === true, failed: told['failed'] === true || told['unreachable'] === true, message: told['msg'] }))))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
