import type { TopicNeed } from './topic-needs.ts'
import { batchBytes, rulesFor, type SettingContext, type SettingRule } from './topic-rules.ts'

/** What a cluster has. */
export interface Cluster {
  readonly brokers: number
  readonly messageBytes: number // max.message.bytes of topics that do not set it
  readonly topics: ReadonlyMap<string, Present> // of those that were asked for, the ones that exist
}

export interface Present {
  readonly partitions: number
  readonly replicas: number // of the partition that has fewest
  readonly settings: ReadonlyMap<string, Setting>
}

export interface Setting {
  readonly value: string
  readonly own: boolean // set for this topic; otherwise it follows the broker's
}

export interface PlanOptions {
  readonly partitions: number // of an input that has to be created
  readonly replicas: number | null // of topics that have to be created; null: 3, or as many as there are brokers
  readonly keepMs: number // how long quarantine, dead letters and events stay
  readonly messageBytes: number | null // largest message, of new inputs and of outputs; null: as inputs have it
}

/** What has to happen to a topic. */
export interface PlannedTopic extends TopicNeed {
  readonly action: 'create' | 'change' | 'none'
  readonly partitions: { readonly from: number | null; readonly to: number } // from: null where it is created
  readonly replicas: number
  readonly settings: readonly { readonly name: string; readonly from: string | null; readonly to: string }[]
  readonly notes: readonly string[] // what is not as it should be, and is not changed from here
}

const mostReplicas = 3
const headerRoom = 64 * 1024 // bytes that Taster's headers may add to a message

/** Compares what pipelines need with what there is. Nothing is ever deleted, made smaller or given fewer partitions. */
export function planTopics(needs: readonly TopicNeed[], cluster: Cluster, options: PlanOptions): PlannedTopic[] {
  const byName = new Map(needs.map((need) => [need.topic, need]))
  const partitionsOf = (topic: string, asking: readonly string[] = []): number => {
    const need = byName.get(topic)
    // A pipeline that feeds itself through others needs no more than there are.
    const inputs = asking.includes(topic) ? [] : (need?.inputs ?? [])
    const needed = inputs.map((input) => partitionsOf(input, [...asking, topic]))
    const isInput = need?.uses.some(({ use }) => use === 'input') === true
    return Math.max(cluster.topics.get(topic)?.partitions ?? (isInput ? options.partitions : 1), ...needed)
  }
  return needs.map((need) => planTopic(need, partitionsOf(need.topic), { needs, cluster, options }))
}

interface Planning {
  readonly needs: readonly TopicNeed[]
  readonly cluster: Cluster
  readonly options: PlanOptions
}

function planTopic(need: TopicNeed, partitions: number, planning: Planning): PlannedTopic {
  const { cluster, options } = planning
  const present = cluster.topics.get(need.topic)
  const wanted = options.replicas ?? Math.min(mostReplicas, cluster.brokers)
  const replicas = present?.replicas ?? wanted
  const context = contextFor(need, replicas, planning)
  const rules = mergedRules(need.uses.flatMap(({ use }) => rulesFor(use, context)))
  if (present === undefined) {
    const settings = rules.map(({ name, value }) => ({ name, from: null, to: value }))
    return { ...need, action: 'create', partitions: { from: null, to: partitions }, replicas, settings, notes: [] }
  }
  // An input belongs to who writes it.
  const onlyInput = need.uses.every(({ use }) => use === 'input')
  const settings = onlyInput ? [] : rules.flatMap((rule) => changeFor(rule, present.settings.get(rule.name)))
  return {
    ...need,
    action: settings.length > 0 || partitions > present.partitions ? 'change' : 'none',
    partitions: { from: present.partitions, to: partitions },
    replicas,
    settings,
    notes: onlyInput ? [] : notesOn(need, present, wanted, rules),
  }
}

function contextFor(need: TopicNeed, replicas: number, planning: Planning): SettingContext {
  const { cluster, options } = planning
  // What a pipeline writes may be what another one reads, so all that lies before counts.
  const settings = [...before(need.topic, planning)].map((topic) => cluster.topics.get(topic)?.settings)
  const numbers = (name: string, ownOnly: boolean) =>
    settings.flatMap((of) => {
      const setting = of?.get(name)
      return setting === undefined || (ownOnly && !setting.own) ? [] : [BigInt(setting.value)]
    })
  const ahead = numbers('message.timestamp.after.max.ms', true)
  return {
    replicas,
    keepMs: options.keepMs,
    inputBytes: options.messageBytes,
    outputBytes: outputBytes(need, planning),
    aheadMs: ahead.length === 0 ? null : ahead.reduce((a, b) => (b > a ? b : a)),
    limitsAge: numbers('message.timestamp.before.max.ms', false).some((value) => value < 2n ** 63n - 1n),
  }
}

/** Every topic whose records may come to a topic. */
function before(topic: string, { needs }: Planning): Set<string> {
  const found = new Set<string>()
  const look = (at: string) => {
    for (const input of needs.find((need) => need.topic === at)?.inputs ?? []) {
      if (found.has(input)) continue
      found.add(input)
      look(input)
    }
  }
  look(topic)
  return found
}

/** What an output has to take: what its inputs may hold once this is done, and headers. */
function outputBytes(need: TopicNeed, planning: Planning): number {
  const { needs, cluster, options } = planning
  const asked = options.messageBytes ?? 0
  const inputs = need.inputs
    // Where pipelines form a ring, room for headers would be added to it each time.
    .filter((input) => input !== need.topic && !before(input, planning).has(need.topic))
    .map((input) => {
      const present = cluster.topics.get(input)?.settings.get('max.message.bytes')
      const now = present === undefined ? asked || cluster.messageBytes : Number(present.value)
      const own = needs.find(({ topic }) => topic === input)
      return own === undefined || own.inputs.length === 0 ? now : Math.max(now, outputBytes(own, planning))
    })
  return Math.max(batchBytes, ...[asked, ...inputs].map((bytes) => bytes + headerRoom))
}

/** One rule a setting: where two pipelines ask for different numbers the larger one holds. */
function mergedRules(rules: readonly SettingRule[]): SettingRule[] {
  const merged = new Map<string, SettingRule>()
  for (const rule of rules) {
    const other = merged.get(rule.name)
    const isStricter = other === undefined || (other.rule !== 'exactly' && BigInt(rule.value) > BigInt(other.value))
    if (isStricter) merged.set(rule.name, rule)
  }
  return [...merged.values()]
}

function changeFor({ name, value, rule }: SettingRule, now: Setting | undefined): PlannedTopic['settings'] {
  const change = [{ name, from: now?.value ?? null, to: value }]
  // Brokers that do not know a setting do not limit anything by it.
  if (now === undefined || rule === 'when created' || (rule === 'at least unless set' && now.own)) return []
  if (rule === 'exactly') return now.value === value ? [] : change
  return isShort(name, now.value, value) ? change : []
}

const isShort = (name: string, now: string, wanted: string) =>
  BigInt(now) < BigInt(wanted) && !(name === 'retention.ms' && now === '-1') // -1: without end

function notesOn(need: TopicNeed, present: Present, wanted: number, rules: readonly SettingRule[]): string[] {
  const { partitions, replicas, settings } = present
  const value = (name: string) => settings.get(name)?.value
  const notes: string[] = []
  const inSync = Number(value('min.insync.replicas') ?? 1)
  if (inSync > replicas)
    notes.push(
      `min.insync.replicas is ${inSync}, but it has ${replicas} replicas: nothing can be written to it. ` +
        'Lower the one or add to the other',
    )
  else if (replicas < wanted)
    notes.push(`it has ${replicas} of ${wanted} replicas; kafka-reassign-partitions adds to them`)
  const isState = need.uses.some(({ use }) => use === 'state')
  if (!isState && value('cleanup.policy')?.includes('compact') === true)
    notes.push('it is compacted: of records with the same key only the last one stays, and one without key is refused')
  const kept = rules.find(({ name }) => name === 'retention.ms')
  const retention = settings.get('retention.ms')
  if (kept !== undefined && retention?.own === true && isShort('retention.ms', retention.value, kept.value))
    notes.push(`its own retention.ms of ${retention.value} is left as it is`)
  if (partitions < 1) notes.push('it is being created or deleted')
  return notes
}
