import { resolve } from 'node:path'
import { z } from 'zod'
import type { Place } from '../core/errors.js'
import { risks } from '../core/risk.js'

/** Whose word it takes to alter the hosts of an inventory. */
export const approvalsSchema = z.strictObject({
  required: z.int().min(1).default(1).describe('So many people must have approved a plan before it is applied.'),
  signers: z.string().min(1).describe("Who may approve, and by which key: a file in the form of OpenSSH's allowed_signers, relative to this one."),
  'by-author': z.boolean().default(false).describe('Whether the word of who made the plan counts too.'),
  roles: z.partialRecord(z.enum(risks), z.array(z.string().min(1)).min(1)).default({}).describe('For steps with a risk, such as `data`: one of these people must be among those who approved.'),
  'valid-hours': z.number().positive().default(72).describe('So long after it was made a plan may be applied, unless it says less itself.'),
}).describe('What plans need before `provision apply` performs them. `provision run` then alters nothing on these hosts.')

export interface ApprovalPolicy extends Readonly<Omit<z.output<typeof approvalsSchema>, 'signers'>> {
  /** The file with the keys. */
  readonly signers: string
  readonly at: Place
}

export const approvalPolicy = (source: z.output<typeof approvalsSchema>, folder: string, at: Place): ApprovalPolicy => ({ ...source, signers: resolve(folder, source.signers), at })
