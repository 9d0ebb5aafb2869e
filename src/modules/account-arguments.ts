import { z } from 'zod'
import { below, disturbs, every, everything, type Disturbance } from '../core/change.js'
import { but } from '../core/disturbance.js'
import { identity } from '../facts/identity.js'
import { packageKind } from '../facts/package.js'
import { portKind } from '../facts/port.js'
import { sysctlKind } from '../facts/sysctl.js'
import { unitKind } from '../facts/unit.js'

/** The number of a user or group. */
export const accountNumber = z.int().min(0).max(4_294_967_294)

/** The files that hold users and groups, and the copies that are kept of them. */
export const accountFiles: readonly Disturbance[] = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].flatMap((name) => [below(`/etc/${name}`), below(`/etc/${name}-`)])

/** Without its name, what belonged to a user or group belongs to a bare number, wherever it lies; members are in one group less. */
export const removalEffects: readonly Disturbance[] = [but(everything, disturbs(identity), ...[packageKind, portKind, sysctlKind, unitKind].map(every))]
