import { z } from 'zod'
import { below, disturbs } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { checksumAt } from '../facts/checksum.js'
import { fileAt, type FileState } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { file } from './file.js'

const CLOCK = '/etc/localtime'
const NAME = '/etc/timezone'
const ZONES = '/usr/share/zoneinfo'

export const timezone = defineModule({
  name: 'timezone',
  kind: 'state',
  summary: "The host's clock shows the time of a zone. Programs that run already keep the old one until they are started again.",
  args: z.strictObject({
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z][A-Za-z0-9_+-]*)*$/, 'expected a zone such as Europe/Berlin or UTC').describe('The zone, as the tz database calls it: `Europe/Berlin`, `UTC`.'),
  }),
  examples: ['timezone: { name: Europe/Berlin }', 'timezone: { name: UTC }'],
  needs: ({ name }) => ({ clock: fileAt(CLOCK), zone: checksumAt(`${ZONES}/${name}`), now: fileAt(NAME), parent: fileAt('/etc'), who: identity }),
  mayDisturb: () => [below(CLOCK), below(NAME)],
  claims: ({ name }) => [claimOf('timezone', { name })],
  check({ name }, { clock, zone, ...facts }) {
    if (zone.type !== 'file' && zone.type !== 'link') {
      throw new ProvisionError('no-such-timezone', `there is no zone ${name} on this host`, { hint: '`timedatectl list-timezones` tells all; put a step `package: { name: tzdata }` before this one if there are none' })
    }
    const target = `${ZONES}/${name}`
    const named = facts.now.type === 'file' ? file.check({ path: NAME, state: 'present', content: `${name}\n` }, facts) : [] // only Debian and its kin keep the name in a file too
    if (leadsTo(clock, target)) return named
    const fresh = `${CLOCK}.provision-new`
    return [{
      summary: `set the timezone to ${name}`,
      diff: valueDiff([['timezone', zoneOf(clock), name]]),
      actions: [{ do: 'exec', script: script(sh`rm -f -- ${fresh}`, sh`ln -s -- ${target} ${fresh} && mv -f -T -- ${fresh} ${CLOCK}`).text }],
      predicts: [becomes(fileAt(CLOCK), { type: 'link', target, owner: facts.who.user, group: facts.who.group })],
      disturbs: [disturbs(fileAt(CLOCK))],
      confirm: sh`[ "$(readlink -- ${CLOCK})" = ${target} ]`.text,
    }, ...named]
  },
})

/** The link may be written from the root, or from the folder that it lies in. */
const leadsTo = (clock: FileState, target: string): boolean => clock.type === 'link' && clock.target.replace(/^\.\.\//, '/') === target

const zoneOf = (clock: FileState): string => (clock.type === 'link' ? clock.target.replace(/^.*zoneinfo\//, '') : clock.type === 'file' ? `a file of its own, sha256 ${reveal(clock.sha256)}` : 'UTC')
