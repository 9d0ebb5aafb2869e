import type { Change } from '../core/change.js'

/** How to take a change back, for people; by its actions alone, since a plan alters nothing and so has kept nothing yet. */
export const backOutOf = ({ actions, predicts }: Change): string => {
  const ways = actions.map((action) => {
    switch (action.do) {
      case 'put': return `put back ${action.path} as it was, or remove it where there was none`
      case 'fetch': return `remove ${action.to} on this machine`
      case 'reboot': return 'none: the host has been started anew'
      case 'bring': return `bring ${action.to} as it was from a copy`
      case 'exec': return undefined
      default: return action satisfies never
    }
  })
  const named = [...new Set(ways.filter((way) => way !== undefined))]
  if (named.length > 0) return named.join('; ')
  const keys = predicts.flatMap((prediction) => ('fact' in prediction ? [prediction.fact] : []))
  return keys.length === 0 ? 'none that is known: what it does is told by its command alone' : `by hand, or by the playbook as it was before: ${keys.join(', ')}`
}
