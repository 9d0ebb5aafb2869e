import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a client asks again and again through a load balancer. */
export interface Question {
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** What it is answered with; 200 where nothing is said. */
  readonly status?: number
}

/** What clients were answered meanwhile. */
export interface Answers {
  readonly asked: number
  /** Each request that was not answered as it should be, and when. */
  readonly failed: readonly string[]
  /** How many answers each node gave, by the header in which stand-ins name themselves, or nobody who does. */
  readonly from: Readonly<Record<string, number>>
}

export interface Clients {
  /** Ends them, once what they asked is answered. */
  end(): Promise<Answers>
}

/** Asks once. */
const ask = ({ url, method }: Question, address: string, ca: string): Promise<{ readonly status: number | undefined; readonly node: string }> => new Promise((settle, reject) => {
  const { protocol, hostname, pathname, port } = new URL(url)
  const request = (protocol === 'https:' ? secure : plain)({
    host: address, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port), path: pathname, method, servername: hostname, headers: { host: hostname }, ca, agent: false, timeout: 10_000,
  }, (response) => {
    response.resume().once('end', () => settle({ status: response.statusCode, node: response.headers['x-node']?.toString().replace(/:\d+$/, '') ?? 'nobody' })).once('error', reject)
  })
  request.once('timeout', () => request.destroy(new Error('timed out'))).once('error', reject)
  request.end(method === 'POST' ? 'asked' : undefined)
})

/** Reading and writing, with and without TLS, of one path under this name. */
export const questionsFor = (name: string, path: string): readonly Question[] =>
  (['GET', 'POST'] as const).flatMap((method) => (['http', 'https'] as const).map((scheme) => ({ method, url: `${scheme}://${name}${path}` })))

/** Clients of a balancer at this address, one for each question, that ask until they are ended, each request by a connection of its own. */
export const clientsOf = (address: string, ca: string, questions: readonly Question[], pause = 20): Clients => {
  const failed: string[] = []
  const from: Record<string, number> = {}
  let [asked, running] = [0, true]
  const client = async (question: Question): Promise<void> => {
    while (running) {
      asked++
      const told = (what: string): void => { failed.push(`${new Date().toISOString()} ${question.method} ${question.url}: ${what}`) }
      await ask(question, address, ca).then(({ status, node }) => {
        from[node] = (from[node] ?? 0) + 1
        if (status !== (question.status ?? 200)) told(`${status ?? 'no status'} from ${node}`)
      }, (error: unknown) => told(String(error)))
      await sleep(pause)
    }
  }
  const all = Promise.all(questions.map(client))
  return {
    end: async () => {
      running = false
      await all
      return { asked, failed, from }
    },
  }
}
