import { expect, it } from 'vitest'
import { typedCommand } from '../../src/cli/typed-command.js'

it.each([
  ['npx', '/home/me/.npm/_npx/06c5/node_modules/.bin/provision', { npm_command: 'exec' }, 'npx provision run site.yaml'],
  ['npx in a project that has it', '/work/node_modules/.bin/provision', { npm_command: 'exec' }, 'npx provision run site.yaml'],
  ['the path to what npm has linked', '/work/node_modules/.bin/provision', {}, 'node_modules/.bin/provision run site.yaml'],
  ['its file', '/work/dist/cli/main.js', {}, 'node dist/cli/main.js run site.yaml'],
  ['its file elsewhere', '/opt/dist/cli/main.js', { npm_command: 'exec' }, 'node /opt/dist/cli/main.js run site.yaml'],
  ['its name', '/usr/local/bin/provision', {}, 'provision run site.yaml'],
  ['a link that is not on the path', '/opt/tools/provision', {}, '/opt/tools/provision run site.yaml'],
  ['a link beside', '/work/provision', { PATH: undefined }, './provision run site.yaml'],
])('begins as the program was called: %s', (_title, program, env, command) => {
  expect(typedCommand({ argv: ['/usr/bin/node', program, 'run', 'site.yaml'], env: { PATH: '/usr/local/bin:/usr/bin', ...env }, cwd: '/work' })).toBe(command)
})

it('keeps every flag, in quotes where a shell needs them', () => {
  expect(typedCommand({ argv: ['node', '/usr/bin/provision', 'run', 'a site.yaml', '-i', 'lab', '--set', 'colour=dark blue', '-vy', '--start-at', "it's here"], env: { PATH: '/usr/bin' }, cwd: '/work' }))
    .toBe("provision run 'a site.yaml' -i lab --set 'colour=dark blue' -vy --start-at 'it'\\''s here'")
})
