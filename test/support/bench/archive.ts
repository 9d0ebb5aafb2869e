import { randomBytes } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onEach, type BenchHosts, type Place } from './hosts.js'
import { measured, spread, type Measured } from './measured.js'
import { atMost, fixed, spreadText, type Section } from './report.js'
import { runProvision, type Run } from './ways.js'

const MEGABYTES = 500
const SIZE = MEGABYTES * 1_000_000
const CUT = 0.6

/** A file that cannot be compressed. */
const fill = async (path: string): Promise<void> => {
  const file = await open(path, 'w')
  for (let at = 0; at < SIZE; at += 1_000_000) {
    const block = randomBytes(1_000_000)
    await file.write(block)
  }
  await file.close()
}

const remove = 'rm -rf /opt/big /opt/.big*; mkdir -p /opt; sync\n'

/** One file of 500 MB to two hosts, beside two parallel scp; and the same over a connection that is cut at 60 %. */
export const archive = async (lab: BenchHosts, repeat: number, say: (text: string) => void): Promise<Section> => {
  const near = await lab.near(2)
  const big = join(near.folder, 'big')
  await fill(big)
  await writeFile(join(near.folder, 'big.yaml'), `description: one large file\nplays:\n  - name: one large file\n    hosts: all\n    become: true\n    steps:\n      - copy: { src: ${big}, path: /opt/big, mode: '0644' }\n`)
  const scp = (): Promise<Measured> => measured(['sh', '-c', `${near.hosts.map((host) => `scp -q -F ssh_config big ${host}:/tmp/big &`).join('\n')}\nwait`], near.folder)
  const ours: Run[] = []
  const theirs: Measured[] = []
  for (let round = 0; round < repeat; round++) {
    await onEach(near, `${remove}rm -f /tmp/big\n`)
    theirs.push(await scp())
    await onEach(near, 'rm -f /tmp/big\n')
    ours.push(await copied(near, near.folder))
    say(`500 MB to two hosts: scp ${fixed(theirs.at(-1)?.seconds ?? Number.NaN)} s, provision ${fixed(ours.at(-1)?.seconds ?? Number.NaN)} s`)
  }
  const sent = await cutAndResumed(lab, near.folder)
  const [floor, mine] = [spread(theirs.map(({ seconds }) => seconds)), spread(ours.map(({ seconds }) => seconds))]
  const memory = Math.max(...ours.map(({ megabytes }) => megabytes))
  return {
    key: 'archive', title: '500 MB to two hosts', head: ['', 'times', 'seconds', 'controller CPU s', 'controller MB'],
    rows: [
      ['two parallel scp', String(repeat), spreadText(floor), fixed(spread(theirs.map(({ cpuSeconds }) => cpuSeconds)).median), fixed(spread(theirs.map(({ megabytes }) => megabytes)).median, 0)],
      ['provision', String(repeat), spreadText(mine), fixed(spread(ours.map(({ cpuSeconds }) => cpuSeconds)).median), fixed(memory, 0)],
      [`provision, cut at ${fixed(100 * sent.cutAt, 0)} %: sent again ${fixed(sent.again / 1e6, 0)} MB`, '1', '', '', ''],
    ],
    verdicts: [
      atMost('provision / two parallel scp', mine.median / floor.median, 1),
      atMost('memory of the controller, whatever the size', memory, 150, { unit: ' MB', digits: 0 }),
      atMost('after a cut at 60 %, sent again', (100 * sent.again) / SIZE, 100 * (1 - CUT) + 2, { unit: ' %', digits: 0 }),
    ],
  }
}

const copied = async (place: Pick<Place, 'folder' | 'hosts'>, from: string, changed = 1): Promise<Run> => {
  const run = await runProvision(place, join(from, 'big.yaml'))
  if (run.exit !== 0 || place.hosts.some((host) => run.counts.get(host)?.changed !== changed)) throw new Error(`void: the file did not arrive: ${JSON.stringify([...run.counts])}\n${run.stderr}${run.stdout}`)
  return run
}

/** How many bytes travel in the run after a connection was cut. */
const cutAndResumed = async (lab: BenchHosts, from: string): Promise<{ readonly cutAt: number; readonly again: number }> => {
  const place = await lab.far(1, 0)
  const [proxy] = place.proxies
  if (proxy === undefined) throw new Error('there is no connection to cut')
  try {
    await onEach(place, remove)
    const before = proxy.bytes.there
    const watch = setInterval(() => { if (proxy.bytes.there - before > CUT * SIZE) proxy.reset() }, 5)
    const broken = await runProvision(place, join(from, 'big.yaml'))
    clearInterval(watch)
    const cutAt = (proxy.bytes.there - before) / SIZE
    if (broken.exit === 0) throw new Error('void: the run survived the cut of its connection')
    const again = proxy.bytes.there
    await copied(place, from)
    return { cutAt, again: proxy.bytes.there - again }
  } finally {
    await place.close()
  }
}
