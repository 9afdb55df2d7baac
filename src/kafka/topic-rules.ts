import type { TopicUse } from './topic-needs.ts'

/** What a setting of a topic must be. */
export interface SettingRule {
  readonly name: string
  readonly value: string
  readonly rule:
    | 'exactly'
    | 'at least' // as a number; a larger one is left alone
    | 'at least unless set' // the same, but what someone has set for this very topic is left alone
    | 'when created'
}

export interface SettingContext {
  readonly replicas: number
  readonly keepMs: number
  readonly inputBytes: number | null // largest message that a new input is to take; null: what the broker says
  readonly outputBytes: number
  /** `message.timestamp.after.max.ms` that an input topic has set for itself; null where it leaves it to the broker. */
  readonly aheadMs: bigint | null
  /** Whether the brokers know how far behind a timestamp may be, and do not allow everything. */
  readonly limitsAge: boolean
}

/** The limit that topics have where nobody has set one. Transactions are written in batches of nearly so many bytes. */
export const batchBytes = 1_048_588

// Records only leave a compacted topic's last segment once it is full, and its evidence is replaced all the time.
const stateSegmentBytes = 64 * 2 ** 20
const forever = 2n ** 63n - 1n

/** What a topic of this use must be like. Sources of the settings: https://kafka.apache.org/documentation/#topicconfigs */
export function rulesFor(use: TopicUse, context: SettingContext): SettingRule[] {
  const { replicas, keepMs, inputBytes, outputBytes, aheadMs, limitsAge } = context
  // One replica may be away without stopping the line, and no record is acknowledged that a single disk holds.
  const durable: SettingRule = rule('min.insync.replicas', Math.max(1, replicas - 1), 'at least unless set')
  const kept: SettingRule = rule('retention.ms', keepMs, 'at least unless set')
  // Records leave with the timestamp that they came with, however long they waited.
  const timed: SettingRule[] = [
    rule('message.timestamp.type', 'CreateTime', 'exactly'),
    ...(limitsAge ? [rule('message.timestamp.before.max.ms', forever, 'at least')] : []),
    ...(aheadMs === null ? [] : [rule('message.timestamp.after.max.ms', aheadMs, 'at least')]),
  ]
  const sized: SettingRule = rule('max.message.bytes', outputBytes, 'at least')
  switch (use) {
    case 'input':
      return [...(inputBytes === null ? [] : [rule('max.message.bytes', inputBytes, 'at least')]), durable]
    case 'clean':
      return [...timed, sized, durable]
    case 'quarantine':
    case 'deadLetter':
      return [...timed, sized, kept, durable]
    case 'events':
      // Events carry the time of what they tell of in a header. By the broker's own they stay as long as they should,
      // and none is refused, whatever time a record claims.
      return [
        rule('message.timestamp.type', 'LogAppendTime', 'exactly'),
        rule('max.message.bytes', batchBytes, 'at least'),
        kept,
        durable,
      ]
    case 'state':
      return [
        rule('cleanup.policy', 'compact', 'exactly'),
        rule('segment.bytes', stateSegmentBytes, 'when created'),
        rule('max.message.bytes', batchBytes, 'at least'),
        durable,
      ]
  }
}

function rule(name: string, value: string | number | bigint, kind: SettingRule['rule']): SettingRule {
  return { name, value: String(value), rule: kind }
}
