import { z } from 'zod'
import type { Module } from '../core/module.js'

const words = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value))
const variables = z.record(z.string().regex(/^[a-z_][a-z0-9_]*$/, 'expected a variable name in snake_case'), z.unknown())
const condition = z.union([z.string(), z.boolean()])
const batch = z.union([z.int().positive(), z.string().regex(/^[1-9]\d*%$/)], 'expected a number of hosts or a percentage, such as 1 or 25%')
const become = z.union([
  z.boolean(),
  z.strictObject({
    user: z.string().describe('The user to act as.'),
    method: z.enum(['sudo', 'su']).optional().describe("How. Left out: the inventory's way."),
  }),
])

/** One typed parameter of a playbook or step list. */
export const parameterSchema = z.strictObject({
  type: z.enum(['string', 'path', 'integer', 'number', 'boolean', 'list', 'map', 'secret', 'product', 'database', 'any']).describe('What a value must be.'),
  description: z.string().optional().describe('What it is for.'),
  default: z.unknown().optional().describe('The value when none is given. Left out: it must be given.'),
  'one-of': z.array(z.union([z.string(), z.number()])).optional().describe('The values that are allowed.'),
})
export type Parameter = z.output<typeof parameterSchema>
const parameters = z.record(z.string().regex(/^[a-z_][a-z0-9_]*$/, 'expected a parameter name in snake_case'), parameterSchema)

/** What every step may say beside its module. */
export const stepKeywords = {
  name: z.string().optional().describe('What people read in plans and recaps.'),
  when: condition.optional().describe('An expression; the step is skipped unless it holds.'),
  loop: z.union([z.string(), z.array(z.unknown())]).optional().describe('A list, or an expression that gives one: the step is done for each `item`.'),
  vars: variables.optional().describe('Variables of this step alone.'),
  notify: words.optional().describe('Handlers to run at the end of the batch when this step changed something.'),
  become: become.optional().describe('Whether, or as whom, to act as another user.'),
  tags: words.optional().describe('Words for `--tags` and `--skip-tags`; `never` runs only when asked for.'),
  register: z.string().regex(/^[a-z_][a-z0-9_]*$/, 'expected a variable name in snake_case').optional().describe('A variable for the outcome: stdout, stderr, exit, changed; of a loop: `results`, one for each item that was done, and changed.'),
  until: condition.optional().describe('An expression on `result`; the step is tried again until it holds.'),
  retries: z.int().min(0).max(10_000).optional().describe('How often to try again. Default 3.'),
  delay: z.number().min(0).optional().describe('Seconds between tries. Default 5.'),
  timeout: z.number().positive().optional().describe('Seconds after which the step fails.'),
  'ignore-failure': z.boolean().optional().describe('Go on when the step fails.'),
  'changed-when': condition.optional().describe('An expression on `result`: whether what a verb did counts as a change.'),
} as const
const name = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'expected a variable name in snake_case')

/** What steps and blocks may say of where they are done. */
const placeKeywords = {
  delegate: z.string().optional().describe('Another host on which it is done, with the variables of this one; `localhost` is the controller.'),
  once: z.boolean().optional().describe('Done on the first host of the batch alone; the others see what it registered.'),
  throttle: z.int().positive().optional().describe('At most so many hosts do it at once.'),
  'loop-var': name.optional().describe('What an item of the loop is called. Default `item`.'),
  'index-var': name.optional().describe('A variable for the number of the item, from 0.'),
} as const
const blockKeywords = {
  block: z.array(z.unknown()).min(1).optional().describe('Steps that stand together.'),
  rescue: z.array(z.unknown()).optional().describe('Steps that are done when one of the block failed; `failure` tells which: step, code, message, output.'),
  always: z.array(z.unknown()).optional().describe('Steps that are done after the block in any case.'),
} as const
const includeKeywords = {
  include: z.string().optional().describe('A step list, by name or path.'),
  with: z.record(z.string(), z.unknown()).optional().describe('Its parameters.'),
  'flush-handlers': z.literal(true).optional().describe('Run the handlers owed so far.'),
} as const

/** The shape of playbooks, built from the modules, so that an unknown module is an unknown key. */
export const playbookSchema = (modules: ReadonlyMap<string, Module>) => {
  const names = Object.fromEntries([...modules.values()].map(({ name, summary }) => [name, z.unknown().optional().describe(summary)]))
  const step = z.strictObject({ ...names, ...stepKeywords, ...placeKeywords, ...includeKeywords, ...blockKeywords })
  const handler = z.union([
    z.strictObject({ name: z.string().describe('What steps notify.'), steps: z.array(step).describe('What is done, in order.') }),
    step.required({ name: true }),
  ])
  const play = z.strictObject({
    name: z.string().describe('What people read.'),
    hosts: z.string().describe('A pattern of hosts and groups.'),
    become: become.optional().describe('Whether, or as whom, steps act as another user.'),
    vars: variables.optional().describe('Variables of this play.'),
    tags: words.optional().describe('Words for all its steps.'),
    serial: z.union([batch, z.array(batch).min(1)]).optional()
      .describe('How many hosts at once: a number, a percentage, or a list of them. Left out: all.'),
    order: z.enum(['inventory', 'reverse-inventory', 'sorted', 'reverse-sorted']).optional().describe('The order in which hosts have their turns. Default: that of the inventory.'),
    'max-failures': z.int().min(0).optional().describe('Once more hosts than this have failed or were lost in the play, the run ends: no further batch of `serial` and no later play begins.'),
    procedure: z.boolean().optional().describe('Steps may be verbs, which always act.'),
    verify: z.union([z.boolean(), z.literal('only')]).optional().describe('Its steps only look; `provision verify` does the plays that say so, and no others. With `only`, runs and plans leave it out.'),
    steps: z.array(step).describe('States, in order.'),
    handlers: z.array(handler).optional().describe('What changes notify.'),
  })
  const entry = z.strictObject({
    import: z.string().describe('Another playbook, by path or name.'),
    with: z.record(z.string(), z.unknown()).optional().describe('Its parameters.'),
    tags: words.optional().describe('Words for all its steps.'),
  })
  return {
    step, handler, play, import: entry,
    playbook: z.strictObject({
      description: z.string().optional().describe('What it brings about, for people.'),
      params: parameters.optional().describe('Its parameters by name, typed.'),
      procedure: z.boolean().optional().describe('It is one of operations: in all of its own plays steps may be verbs, which always act.'),
      plays: z.array(z.unknown()).describe('Plays and imports, in order.'),
    }),
    stepList: z.strictObject({
      description: z.string().optional().describe('What it brings about, for people.'),
      params: parameters.optional().describe('Its parameters by name, typed.'),
      steps: z.array(step).describe('Steps, in order.'),
      handlers: z.array(handler).optional().describe('Handlers that its steps notify; they join those of the play, which come first where they share a name.'),
    }),
  }
}
export type PlaybookSchema = ReturnType<typeof playbookSchema>
export type StepSource = z.output<PlaybookSchema['step']> & Readonly<Record<string, unknown>>
export type PlaySource = z.output<PlaybookSchema['play']>
