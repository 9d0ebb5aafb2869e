import { ProvisionError } from '../core/errors.js'
import type { LocalFact } from '../core/fact.js'

/** Where a jar names its JDBC drivers, one class a line. */
export const DRIVER_SERVICE = 'META-INF/services/java.sql.Driver'

/** The classes that a service file names: lines without comments, in their order. */
export const serviceClasses = (text: string): string[] => text.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '')

/** The JDBC driver classes that a jar of the controller provides; the first is the one to name in a configuration. */
export const driverClasses = (jar: string): LocalFact<readonly string[]> => ({
  key: `driver-classes:${jar}`,
  read: async (controller) => {
    try {
      return serviceClasses(await controller.archiveText(jar, DRIVER_SERVICE))
    } catch (error) {
      if (!(error instanceof ProvisionError) || error.code !== 'missing-entry') throw error
      throw new ProvisionError('no-driver', `${jar} is no JDBC driver: it has no ${DRIVER_SERVICE}`, {
        hint: 'name the jar of the driver, not one of its libraries', cause: error,
      })
    }
  },
})
