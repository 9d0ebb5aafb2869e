import { z } from 'zod'
import { below, type Disturbance } from '../core/change.js'

/** The number of a user or group. */
export const accountNumber = z.int().min(0).max(4_294_967_294)

/** The files that hold users and groups, and the copies that are kept of them. */
export const accountFiles: readonly Disturbance[] = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'].flatMap((name) => [below(`/etc/${name}`), below(`/etc/${name}-`)])
