import type { Change, Disturbance } from '../../src/core/change.js'
import { covers, type FactPath } from '../../src/core/disturbance.js'
import type { HostFact } from '../../src/core/fact.js'
import { factKinds } from '../../src/facts/index.js'

interface Sample { readonly key: string; readonly at?: FactPath }

const sampleOf = ({ key, kind, subject }: HostFact): Sample => {
  const path = kind.path?.(subject)?.path
  return path === undefined ? { key } : { key, at: { path } }
}

/** A fact by its key, where the key tells enough: those of paths, and those that do not rest on one. */
const sampleOfKey = (key: string): Sample => {
  const subject = key.slice(key.indexOf(':') + 1)
  return subject.startsWith('/') ? { key, at: { path: subject } } : { key }
}

/** Facts all over a host, so that a promise to alter little is held against much. */
const anywhere: readonly Sample[] = [
  ...[...factKinds.keys()].map((kind) => ({ key: `${kind}:something-else` })),
  ...['/bin', '/etc', '/etc/hosts', '/etc/systemd/system/app.service', '/home/app', '/opt', '/opt/app', '/opt/app/lib/some.jar', '/root', '/run/app', '/srv', '/usr/bin/app',
    '/var', '/var/lib/app', '/var/lib/mysql/data', '/var/log/app', '/tmp/app'].flatMap((path) => ['file', 'program', 'certificate'].map((kind) => sampleOfKey(`${kind}:${path}`))),
]

/** What these changes predict or disturb although the module says that it may not. */
export const notCovered = (most: readonly Disturbance[], changes: readonly Change[], facts: readonly HostFact[]): readonly string[] => {
  const known = new Map([...anywhere, ...facts.map(sampleOf)].map((sample) => [sample.key, sample]))
  const may = ({ key, at }: Sample): boolean => most.some((disturbance) => covers(disturbance, key, at))
  const missed = changes.flatMap(({ predicts, disturbs = ['*'] }) => {
    const predicted = predicts.flatMap((prediction): Sample[] => ('fact' in prediction
      ? [known.get(prediction.fact) ?? sampleOfKey(prediction.fact)]
      : ['', '/inside', '/inside/deep'].map((rest) => sampleOfKey(`file:${prediction.below}${rest}`))))
    const inside = disturbs.flatMap((disturbance): Sample[] => {
      const [whole = ''] = disturbance.split('|!')
      if (whole.startsWith('below:')) return ['', '/inside', '/inside/deep'].map((rest) => sampleOfKey(`file:${whole.slice('below:'.length)}${rest}`))
      return whole === '*' ? [] : [known.get(whole) ?? sampleOfKey(whole.replace(/\*$/, 'something'))]
    })
    const disturbed = [...known.values(), ...inside].filter(({ key, at }) => disturbs.some((disturbance) => covers(disturbance, key, at)))
    return [...predicted, ...disturbed].filter((sample) => !may(sample)).map(({ key }) => key)
  })
  return [...new Set(missed)]
}

/** Whether one of these changes leaves the fact with this key unknown. */
export const isDisturbed = (changes: readonly Change[], key: string): boolean => {
  const { at } = sampleOfKey(key)
  return changes.some(({ disturbs = ['*'] }) => disturbs.some((disturbance) => covers(disturbance, key, at)))
}
