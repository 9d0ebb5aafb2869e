import { defineConfig } from 'vitest/config'

// tests that start servers, or the program itself again and again, or wait
const real = ['test/transport/**/*.test.ts', 'test/support/**/*.test.ts', 'test/cli/{reaching,detached,program,inventory}.test.ts', 'test/reference/new-module.test.ts', 'test/engine/{lock,detached}.test.ts', 'test/report/plan-page-browser.test.ts']

const built = 'test/support/built-program.ts'

export default defineConfig({
  test: {
    projects: [
      // types, files and data: no root, no servers, seconds
      { test: { name: 'check', include: ['test/**/*.test.ts'], exclude: [...real, 'test/lab/**'], globalSetup: [built], testTimeout: 60_000,
        // no file of these leaves anything behind for the next one, and loading everything anew for each costs a third of the time
        isolate: false, maxWorkers: 2 } },
      // the program as it is called, and real sshd, MariaDB, PostgreSQL and Java on this machine
      { test: { name: 'servers', include: real, globalSetup: [built], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false } },
      // hosts of the lab; they share the machine with whatever else runs, so a test that fails is tried once more, and the log says `retry x1`
      { test: { name: 'lab', retry: 1, include: ['test/lab/**/*.test.ts'], globalSetup: [built, 'test/support/lab-setup.ts'], testTimeout: 300_000, hookTimeout: 600_000, fileParallelism: false } },
    ],
  },
})
