import type { Profiler } from 'node:inspector'

// Which stage of the line a function belongs to, by the file that it stands in. The first rule that fits counts.
const rules: readonly (readonly [stage: string, file: RegExp])[] = [
  ['read: decode record batches', /src\/kafka\/(wire\/(records|header-name|snappy|zstd)|record-batch|reader|codecs)/],
  ['read: cut into batches', /src\/kafka\/(batches|source)\.|src\/engine\/decode\/(rows-in|recognise|told)/],
  ['digest', /src\/engine\/decode\/digest/],
  ['decode JSON', /src\/engine\/(decode|verify)/],
  [
    'to and from the other thread',
    /src\/engine\/(thread|worker|protocol|desk)|internal\/worker|internal\/per_context\/messageport/,
  ],
  ['decide and tell', /src\/engine\/(decide|events|line|rows)/],
  [
    'write: compose messages',
    /src\/kafka\/(outbound|finding-headers|origin-headers|cloud-event|journal|state|transactor|rows-text)|src\/core\/printable/,
  ],
  ['write: encode record batches', /src\/kafka\/wire\//],
  ['metrics and log', /src\/observe|node_modules\/(pino|prom-client|sonic-boom|thread-stream|fastify|quick-format)/],
  [
    'client and sockets',
    /node_modules\/kafkajs|node:(net|events|internal\/(stream|streams))|node:internal\/(js_stream|streams|stream)/,
  ],
  ['encoder', /src\/(encoders|tensor|baseline\/encode)|tfjs/],
  [
    'weigh',
    /src\/engine\/(weigh|evidence|increments|budget|judge|snapshot|stored-evidence)|src\/stats|src\/baseline|src\/core/,
  ],
]
const detector = /detectors\/([a-z-]+)/

const native: ReadonlyMap<string, string> = new Map([
  ['(idle)', 'idle'],
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native code called by none of these'],
])

type Node = Profiler.ProfileNode

/** Between two times on the clock of the machine, in microseconds, which all processes share. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

export const clockMicroseconds = (): number => Number(process.hrtime.bigint() / 1000n)

function ownStage({ callFrame: { url, functionName } }: Node): string | null {
  const of = native.get(functionName)
  if (of !== undefined) return of
  const [, name] = detector.exec(url) ?? []
  if (name !== undefined) return `detector ${name}`
  return rules.find(([, file]) => file.test(url))?.[0] ?? null
}

/**
 * Seconds by stage of one thread's profile. What a function of no stage of its own does, native code included, counts
 * for the nearest caller that has one.
 */
export function secondsByStage(
  { nodes, samples = [], timeDeltas = [], startTime }: Profiler.Profile,
  { from, to }: Stretch,
): Map<string, number> {
  const stageOf = new Map<number, string>()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const descend = (node: Node, above: string) => {
    const own = ownStage(node) ?? above
    stageOf.set(node.id, own)
    for (const child of node.children ?? []) {
      const found = byId.get(child)
      if (found !== undefined) descend(found, own)
    }
  }
  const [root] = nodes
  if (root !== undefined) descend(root, 'other')
  const seconds = new Map<string, number>()
  let at = startTime
  samples.forEach((id, i) => {
    at += timeDeltas[i] ?? 0
    if (at < from || at > to) return
    const stage = stageOf.get(id) ?? 'other'
    seconds.set(stage, (seconds.get(stage) ?? 0) + (timeDeltas[i] ?? 0) / 1e6)
  })
  return seconds
}
