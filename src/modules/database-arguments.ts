import { z } from 'zod'
import { Secret } from '../core/secret.js'
import { absolutePath, text } from './arguments.js'

/** The name of a database, user or table that needs no thought in any dialect. */
export const databaseName = z.string().regex(/^[A-Za-z0-9_$-]{1,63}$/, 'expected letters, digits, _, $ and -')

/** A password: secret even where it was written as plain text. */
export const password = text.transform((value) => (value instanceof Secret ? value : new Secret(value)))

const port = z.int().min(1).max(65535)
const hostName = z.string().regex(/^[A-Za-z0-9_.:-]+$/, 'expected a host name or an IP address')

/** The database server of a step. */
export const databaseServer = z.strictObject({
  type: z.enum(['mariadb', 'mysql', 'postgresql']).describe('What kind of server it is.'),
  socket: absolutePath.optional().describe("Socket file, for PostgreSQL the socket's directory. Without: the client's own default."),
  host: hostName.optional().describe('Connect to this address instead of the local socket.'),
  port: port.optional().describe("Port of that address. Without: the client's own default."),
  user: z.string().regex(/^[A-Za-z0-9_.@-]+$/).optional().describe('Log in as this user. Without: as the administrator that the local socket lets in (root, postgres).'),
  password: password.refine((value) => !/[\r\n\0]|^\s|\s$/.test(value.reveal()), 'a password to connect with has no line ends, and no blanks at its ends')
    .optional().describe('Password of that user. Without: none is offered.'),
}).refine(({ socket, host }) => socket === undefined || host === undefined, 'say `socket` or `host`, not both')
  .refine((server) => server.host === undefined || server.user !== undefined, { message: 'say `user`: a server at an address lets nobody in without', path: ['user'] })

export const serverArgument = databaseServer.describe('The database server, as this host reaches it. By default over its local socket, as its administrator.')
