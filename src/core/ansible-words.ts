/** What somebody who comes from Ansible types, and our word for it. */
export const ansibleWords: Readonly<Record<string, string>> = {
  apt: 'package', yum: 'package', dnf: 'package', shell: 'command', raw: 'command', lineinfile: 'line', blockinfile: 'text-block', replace: 'line', ini_file: 'ini',
  systemd: 'service', systemd_service: 'service', unarchive: 'archive', get_url: 'get-url', uri: 'wait-for', wait_for: 'wait-for', authorized_key: 'ssh-key', synchronize: 'copy',
  include_tasks: 'include', import_tasks: 'include', include_role: 'include', import_role: 'include', import_playbook: 'import', set_fact: 'vars',
  tasks: 'steps', pre_tasks: 'steps', post_tasks: 'steps', roles: 'steps', with_items: 'loop', with_list: 'loop', with_dict: 'loop', loop_control: 'loop-var', delegate_to: 'delegate', run_once: 'once',
  ignore_errors: 'ignore-failure', changed_when: 'changed-when', failed_when: 'ignore-failure', become_user: 'become', become_method: 'become', max_fail_percentage: 'max-failures', vars_files: 'vars',
  regexp: 'match', insertafter: 'after', insertbefore: 'before', dest: 'path', remote_src: 'src',
}
