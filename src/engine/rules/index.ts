import { addresses } from './addresses.js'
import { certificateNames } from './certificate-names.js'
import { contradiction } from './contradiction.js'
import { loopbackNames, twoAddresses } from './names.js'
import { ports } from './ports.js'
import type { Rule } from './rule.js'

/** Everything that steps and hosts are compared by before anything is connected; one line each. */
export const rules: readonly Rule[] = [
  addresses,
  contradiction,
  ports,
  twoAddresses,
  loopbackNames,
  certificateNames,
]
