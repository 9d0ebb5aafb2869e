import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { exitCode } from '../core/errors.js'
import type { HistoryFlags } from './history.js'
import type { InventoryFlags } from './inventory.js'
import { version } from './package.js'

/** Flags of the commands that walk over hosts. */
export interface WalkFlags {
  readonly inventory: readonly string[]
  readonly limit?: string
  readonly tags?: string
  readonly skipTags?: string
  readonly set?: readonly string[]
  readonly forks: number
  readonly waitForLock?: number
  readonly diff?: boolean
  readonly dryRun?: boolean
  readonly check?: boolean
  readonly yes?: boolean
  readonly json?: boolean
  readonly events?: string
  readonly junit?: string
  readonly verbose?: number
  readonly quiet?: boolean
  readonly color?: boolean
  readonly vaultKeyFile?: string
  readonly vaultPasswordFile?: readonly string[]
  readonly detailedExitcode?: boolean
  readonly transcript?: string
  readonly startAt?: string
  readonly step?: boolean
  readonly resume?: string | true
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
const whole = (least: number) => (value: string): number => {
  if (!/^\d+$/.test(value) || Number(value) < least) throw new InvalidArgumentError(`Expected a whole number from ${least} on.`)
  return Number(value)
}
const more = (_value: string, before = 0): number => before + 1

const examples = (lines: readonly string[]): string => `Examples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`

const common = (command: Command): Command => command
  .requiredOption('-i, --inventory <name>', 'inventory: a name under inventories/, a path, or hosts with commas (host1,host2,); repeat to join several', collect)
  .option('-l, --limit <pattern>', 'only these hosts: names, groups, globs; `nodes:!mi2`')
  .option('--set <name=value>', 'a variable above all others; @FILE reads several from YAML', collect)
  .option('--vault-key-file <file>', 'file with the key of the vault')
  .option('--vault-password-file <file>', 'file with the password of a vault of Ansible, or a program that prints it; may be repeated', collect)

const walking = (command: Command, quiet: string): Command => common(command)
  .option('-t, --tags <words>', 'only steps with one of these tags')
  .option('--skip-tags <words>', 'no steps with one of these tags')
  .option('--start-at <step>', 'leave out what stands before the step of this name')
  .option('-f, --forks <number>', 'hosts to connect to at once', whole(1), 20)
  .option('-D, --diff', 'show every line that changes')
  .option('--json', 'print one JSON document instead of text')
  .option('--events <file>', 'write every event as a line of JSON')
  .option('--junit <file>', "write a report in JUnit's XML: a suite a host, a case a step")
  .option('--transcript <file>', 'write every exchange with the hosts as a line of JSON, without input and secrets')
  .option('-v, --verbose', 'a plan on a terminal tells steps that are ok or skipped too; a run also tells what programs print on the hosts', more)
  .option('-q, --quiet', quiet)
  .option('--no-color', 'no colours')

const reachable = (command: Command): Command => common(command)
  .option('-b, --become', 'act as the user that the inventory names, or root').option('--become-user <user>', 'act as this user')
  .option('-f, --forks <number>', 'hosts to deal with at once', whole(1), 20)
  .option('--json', 'one JSON document').option('--no-color', 'no colours')

/** Reads the command line and does what it says; the number is the exit code. */
export const program = async (argv: readonly string[]): Promise<number> => {
  let code: number = exitCode.done
  const root = new Command('provision')
    .description('Bring up and keep clusters of servers over SSH, from declarative YAML playbooks.')
    .version(version(), '-V, --version')
    .addHelpText('before', examples(['provision plan cluster.yaml -i prod', 'provision run cluster.yaml -i prod --limit nodes', 'provision docs template']))
    .exitOverride()
    .configureHelp({ sortSubcommands: false })

  walking(root.command('run').argument('<playbook>', 'a file, or the name of a shipped one'), 'tell only failures, notes and the recap; what is asked about shows all that would change')
    .summary('plan, ask, and make the changes')
    .description('Show what would change, ask, make the changes, and verify them.')
    .option('-y, --yes', 'do not ask')
    .option('--step', 'ask before each step that changes something')
    .option('--resume [run]', 'go on with the last run of this playbook: only hosts and steps that it did not finish')
    .option('--wait-for-lock <seconds>', 'how long to wait for another run on the same host; 30 when left out', whole(0))
    .addOption(new Option('--dry-run', 'only plan').conflicts('check'))
    .option('-C, --check', 'only plan')
    .addHelpText('before', examples(['provision run cluster.yaml -i prod', 'provision run cluster.yaml -i prod --limit mi2 --yes', 'provision run cluster.yaml -i lab --tags failover', 'provision run cluster.yaml -i prod --resume', 'provision run cluster.yaml -i lab --set database_type=postgresql']))
    .action(async (playbook: string, flags: WalkFlags) => { code = await (await import('./run.js')).run(playbook, flags) })
  walking(root.command('plan').argument('<playbook>', 'a file, or the name of a shipped one'), 'tell nothing of steps that are ok or skipped, and no notes')
    .summary('show what a run would change')
    .description('Show what a run would change. On a terminal steps that are ok or skipped are counted, and told with -v; elsewhere all are told.\nWrites nothing on any host.')
    .option('--detailed-exitcode', 'exit 3 when there is something to change')
    .option('-o, --out <file>', 'write the plan into a file, to be approved and applied')
    .option('--expires <time>', 'with --out: until when it may be applied, such as 48h, 3d or 2026-11-30T18:00')
    .option('--window <from/to>', 'with --out: when it may be applied, such as 2026-11-28T22:00/2026-11-29T02:00')
    .option('--ticket <id>', 'with --out: the change that it belongs to').option('--author <name>', "with --out: who makes it; git's user.email when left out")
    .addHelpText('before', examples(['provision plan cluster.yaml -i prod', 'provision plan cluster.yaml -i prod --diff --limit lb1', 'provision plan cluster.yaml -i prod -o change.plan --ticket CHG-4711']))
    .action(async (playbook: string, flags: WalkFlags) => { code = await (await import('./plan.js')).plan(playbook, flags) })
  walking(root.command('drift').argument('<playbook>', 'a file, or the name of a shipped one'), 'no notes')
    .summary('show what somebody changed since the last run')
    .description('Show what somebody changed on the hosts since they were looked at last, apart from what playbook, inventory and templates newly want, and from what nobody can tell.\nWrites nothing on any host. Exit 3 when something has moved on a host.')
    .addHelpText('before', examples(['provision drift cluster.yaml -i prod', 'provision drift cluster.yaml -i prod --limit mi1 --diff', 'provision drift cluster.yaml -i prod --json']))
    .action(async (playbook: string, flags: WalkFlags) => { code = await (await import('./drift.js')).drift(playbook, flags) })
  root.command('history').argument('[playbook]', 'only runs of this one')
    .summary('list what was run')
    .description('List the runs of this user, newest first: when, who, what, how it came out. `provision show RUN` tells more of one.\nExit 2 when a journal was altered.')
    .option('-i, --inventory <name>', 'only runs with this inventory; repeat for those with several', collect).option('--host <host>', 'only runs on this host')
    .option('-n, --last <number>', 'so many', whole(1), 20).option('--json', 'one JSON document').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision history', 'provision history cluster.yaml -i prod', 'provision history --host mi2 --last 100']))
    .action(async (playbook: string | undefined, flags: HistoryFlags) => { code = (await import('./history.js')).history(playbook, flags) })
  root.command('show').argument('<file>', 'the file of a plan, or a run of `provision history`')
    .summary("show a plan's file, or a run")
    .description("Show a plan's file: what it is of, what of it is not known, what may come of it, and each change.\nOr a run, by its name, how that begins, or the letters at its end: what was expected and what was done, where they differ first.")
    .option('-D, --diff', 'every line that changes').option('-v, --verbose', 'of a run also what had nothing to do, on a terminal', more).addOption(new Option('--json', 'as JSON').conflicts(['md', 'html'])).addOption(new Option('--md', "of a plan's file, as Markdown for a merge request").conflicts('html')).option('--html', 'as one page for a browser, a phone, and paper').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision show change.plan', 'provision show a1b2c3', 'provision show change.plan --diff', 'provision show change.plan --md > change.md', 'provision show change.plan --html > change.html', 'provision show a1b2c3 --html > run.html', 'provision show change.plan --json']))
    .action(async (file: string, flags: object) => { code = await (await import('./show.js')).show(file, flags) })
  root.command('diff').argument('<plan>', 'the file of a plan').argument('<other>', 'that of a later one')
    .summary('show what a later plan does otherwise')
    .description('Show what a later plan does otherwise than an earlier one. Exit 3 when it does.')
    .option('--json', 'as JSON').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision diff monday.plan tuesday.plan']))
    .action(async (one: string, other: string, flags: object) => { code = (await import('./show.js')).diffPlans(one, other, flags) })
  root.command('approve').argument('<file>', 'the file of a plan')
    .summary("sign a plan's file")
    .description("Sign a plan's file with a key of OpenSSH. The signature lies beside it, for `provision apply` and for `ssh-keygen -Y verify -n provision-plan`.")
    .requiredOption('--key <file>', 'a private key, or a public one whose private key an agent holds').option('--as <name>', "part of the signature's name").option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision approve change.plan --key ~/.ssh/id_ed25519']))
    .action(async (file: string, flags: { key: string; as?: string }) => { code = await (await import('./approve.js')).approve(file, flags) })
  root.command('apply').argument('<file>', 'the file of a plan')
    .summary('perform an approved plan')
    .description('Perform what a plan says and was approved, or less of it where somebody has done it already. What would be other or more is refused before anything is touched:\nexit 5 when files or hosts are not as they were, 6 when approvals or the time are missing.')
    .option('--set <name=value>', 'a variable that the plan was made with: values are not written in it', collect)
    .option('--vault-key-file <file>', 'file with the key of the vault').option('--vault-password-file <file>', 'file with the password of a vault of Ansible, or a program that prints it; may be repeated', collect)
    .option('--wait-for-lock <seconds>', 'how long to wait for another run on the same host; 30 when left out', whole(0))
    .option('-f, --forks <number>', 'hosts to connect to at once', whole(1), 20).option('-D, --diff', 'show every line that changes').option('--json', 'print one JSON document instead of text')
    .option('--events <file>', 'write every event as a line of JSON').option('--junit <file>', "write a report in JUnit's XML: a suite a host, a case a step").option('-v, --verbose', 'tell what programs print on the hosts too', more).option('-q, --quiet', 'tell only failures, notes and the recap').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision apply change.plan']))
    .action(async (file: string, flags: WalkFlags) => { code = await (await import('./apply.js')).apply(file, flags) })
  walking(root.command('verify').argument('<playbook>', 'a file, or the name of a shipped one'), 'tell only failed checks, and no notes')
    .summary('look whether everything is as it should be')
    .description('Make the checks of a playbook, those of its plays with `verify: true`, and show them as a table: host, check, result.\nChanges nothing and asks nothing. Exit 1 when a check fails, 4 when a host is not reached.')
    .addHelpText('before', examples(['provision verify cluster.yaml -i prod', 'provision verify cluster.yaml -i prod --limit mi1', 'provision verify cluster.yaml -i prod --json']))
    .action(async (playbook: string, flags: WalkFlags) => { code = await (await import('./verify.js')).verify(playbook, flags) })
  common(root.command('validate').argument('<playbook>', 'a file, or the name of a shipped one'))
    .summary('check the files without connecting')
    .description('Check playbook, inventory, templates and files without connecting to anything, and compare what steps say of all hosts.')
    .option('-t, --tags <words>', 'only steps with one of these tags').option('--skip-tags <words>', 'no steps with one of these tags').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision validate cluster.yaml -i prod']))
    .action(async (playbook: string, flags: WalkFlags) => { code = await (await import('./validate.js')).validateCommand(playbook, flags) })
  reachable(root.command('exec').argument('<pattern>', 'hosts and groups: `nodes:!mi2`').argument('[command...]', 'a program and its arguments, after --'))
    .summary('run a command on many hosts at once')
    .description('Run a command on many hosts at once, with their output as it comes, each line behind the name of its host.\nExit 1 when it fails on one, 4 when one is not reached.')
    .option('--shell <text>', 'text for /bin/sh, instead of a command').option('--timeout <seconds>', 'end it on a host after so long', whole(1))
    .addHelpText('before', examples(["provision exec -i prod 'nodes:!mi2' -- uptime", 'provision exec -i prod nodes --become -- systemctl is-active nginx', "provision exec -i prod all --shell 'df -h / | tail -1'"]))
    .action(async (pattern: string, words: string[], flags: WalkFlags) => { code = await (await import('./exec.js')).execCommand(pattern, words, flags) })
  reachable(root.command('ping').argument('[pattern]', 'hosts and groups', 'all'))
    .summary('reach every host')
    .description('Reach every host: how long it takes, whose key it shows, what it is, who logs in, and whether steps may become root.\nExit 4 when one is not reached.')
    .addHelpText('before', examples(['provision ping -i prod', 'provision ping -i prod nodes']))
    .action(async (pattern: string, flags: WalkFlags) => { code = await (await import('./ping.js')).ping(pattern, flags) })
  reachable(root.command('unlock').argument('<pattern>', 'hosts and groups'))
    .summary('take locks away from runs that will not end')
    .description('Say whose locks there are on hosts, for how long, and whether their runs are still at work; then take them away.\nA run that is still there changes nothing more on these hosts: its next frame is refused, and it ends with exit 7.')
    .option('-y, --yes', 'do not ask')
    .addHelpText('before', examples(['provision unlock -i prod mi1', 'provision unlock -i prod nodes --yes']))
    .action(async (pattern: string, flags: WalkFlags) => { code = await (await import('./unlock.js')).unlock(pattern, flags) })
  reachable(root.command('facts').argument('<words...>', 'hosts and groups, and facts as KIND:SUBJECT'))
    .summary('ask hosts for facts')
    .description('Ask hosts for facts and print what they answer. Without a fact: who acts there, and what else can be asked; `provision docs facts` tells of the kinds.')
    .addHelpText('before', examples(['provision facts lb1 -i prod file:/etc/motd unit:nginx.service', 'provision facts nodes -i prod package:nginx port:443', 'provision facts lb1 -i prod --become file:/etc/shadow']))
    .action(async (words: string[], flags: WalkFlags) => { code = await (await import('./facts.js')).factsCommand(words, flags) })
  common(root.command('inventory'))
    .summary('show hosts, groups and variables')
    .description('Show hosts, groups and variables of an inventory.')
    .option('--graph', 'a tree of groups and hosts').option('--json', 'one JSON document')
    .option('--list', 'one JSON document in the form of `ansible-inventory --list`').option('--host <name>', 'the variables of one host as JSON')
    .option('--vars', 'with --graph: the variables of groups and hosts too').option('-y, --yaml', 'YAML instead of JSON')
    .addHelpText('before', examples(['provision inventory -i prod --graph --vars', 'provision inventory -i prod --host mi1 --yaml', 'provision inventory -i hosts.ini -i more.yml --list', "provision inventory -i prod --limit 'nodes:!mi2' --json"]))
    .action(async (flags: WalkFlags & InventoryFlags) => { code = await (await import('./inventory.js')).inventory(flags) })
  common(root.command('explain').argument('[variable]', 'a variable, as it is written').argument('[playbook]', 'a file, or the name of a shipped one'))
    .summary('show where a variable comes from')
    .description('Show what a variable is on a host, everything that gives it, which one won, and what it is made of.\nWithout a host: on every host. Without a variable: all of the host. With a playbook, its parameters and the variables of its plays count too.')
    .option('--host <host>', 'the host that sees it').option('--play <name>', 'only in this play of the playbook')
    .option('--json', 'one JSON document').option('--no-color', 'no colours')
    .addHelpText('before', examples(['provision explain db_port --host mi1 -i prod', 'provision explain db_port --host mi1 -i prod cluster.yaml', 'provision explain db_port -i prod', 'provision explain -i prod --host mi1']))
    .action(async (variable: string | undefined, playbook: string | undefined, flags: WalkFlags) => { code = await (await import('./explain.js')).explainCommand([variable, playbook].filter((word) => word !== undefined), flags) })
  root.command('docs').argument('[name]', 'a module, filter, file format or guide')
    .summary('the manual of modules, files, variables and more')
    .description('The manual of a module, a filter, a file format or an idea, such as variables, patterns, tags and vault; without a name, a list of all.')
    .addHelpText('before', examples(['provision docs', 'provision docs archive', 'provision docs variables']))
    .action(async (name: string | undefined) => { code = await (await import('./docs.js')).docs(name) })
  const vault = root.command('vault').summary('encrypt values and files').description('Encrypt values and files with age.')
  const vaultCommand = (name: string, about: string, argument: string, line: string): Command => vault.command(name).argument(argument).description(about)
    .option('--vault-key-file <file>', 'file with the key of the vault').addHelpText('before', examples([line]))
  vaultCommand('encrypt', 'Encrypt a file in place, or one value of standard input with -.', '<file>', 'provision vault encrypt inventories/prod/vault.yaml')
    .action(async (file: string, flags: WalkFlags) => { code = await (await import('./vault.js')).vault('encrypt', file, flags) })
  vaultCommand('decrypt', 'Decrypt a file in place.', '<file>', 'provision vault decrypt inventories/prod/vault.yaml')
    .action(async (file: string, flags: WalkFlags) => { code = await (await import('./vault.js')).vault('decrypt', file, flags) })
  vaultCommand('view', 'Print what a file holds.', '<file>', 'provision vault view inventories/prod/vault.yaml')
    .action(async (file: string, flags: WalkFlags) => { code = await (await import('./vault.js')).vault('view', file, flags) })
  vaultCommand('edit', 'Edit a file with $VISUAL, $EDITOR or vi; it is never on disk in clear outside a private folder.', '<file>', 'provision vault edit inventories/prod/vault.yaml')
    .action(async (file: string, flags: WalkFlags) => { code = await (await import('./vault.js')).vault('edit', file, flags) })
  vaultCommand('rekey', 'Encrypt files anew with another key.', '<files...>', 'provision vault rekey inventories/prod/vault.yaml --new-vault-key-file new.key')
    .option('--new-vault-key-file <file>', 'file with the new key')
    .action(async (files: string[], flags: WalkFlags & { newVaultKeyFile?: string }) => { code = await (await import('./vault.js')).rekey(files, flags) })
  vaultCommand('import', 'Put what ansible-vault has encrypted, files or single values, under the key of our vault; all else in the files stays as it is.', '<files...>', 'provision vault import group_vars/all/vault.yml --vault-password-file .vault_pass')
    .option('--vault-password-file <file>', 'file with the password of the vault of Ansible, or a program that prints it; may be repeated', collect)
    .action(async (files: string[], flags: WalkFlags) => { code = await (await import('./vault.js')).importAnsible(files, flags) })
  const lab = root.command('lab').summary('throw-away hosts on this machine').description('Throw-away systemd hosts on this machine, for rehearsal and tests. Needs root.')
  const labCommand = (name: string, about: string, line: string): Command => lab.command(name).description(about).addHelpText('before', examples([line]))
  labCommand('up', 'Make the hosts of the lab, or those that are missing.', 'provision lab up')
    .option('--hosts <number>', 'so many hosts, called host1, host2, …').option('-i, --inventory <name>', 'the hosts of this inventory', 'lab')
    .action(async (flags: { hosts?: string; inventory: string }) => { code = await (await import('./lab.js')).labUpCommand(flags) })
  labCommand('down', 'End the hosts and drop their disks.', 'provision lab down').action(async () => { code = await (await import('./lab.js')).labDownCommand() })
  labCommand('status', 'Show the hosts.', 'provision lab status').action(async () => { code = await (await import('./lab.js')).labStatusCommand() })
  labCommand('reset', 'Give a host an empty disk.', 'provision lab reset mi1').argument('<host>').action(async (host: string) => { code = await (await import('./lab.js')).labResetCommand(host) })
  labCommand('ssh', 'Log in to a host.', 'provision lab ssh mi1').argument('<host>').argument('[command...]')
    .action(async (host: string, command: string[]) => { code = await (await import('./lab.js')).labSshCommand(host, command) })

  try {
    await root.parseAsync([...argv])
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCode.done : exitCode.input
  }
  return code
}
