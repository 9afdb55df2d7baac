import { describe, expect, it } from 'vitest'
import { groupByPartition } from '../../../../src/kafka/wire/group-by-partition.ts'

const sharing = (messages: readonly { partition: number; value: string }[]) => ({
  topic: 't',
  partitionMetadata: [{ partitionId: 0 }, { partitionId: 1 }],
  messages,
  partitioner: ({ message }: { message: { partition: number } }) => message.partition,
})

describe('messages of one send', () => {
  it('go to the partitions they name, in order', () => {
    const [a, b, c] = [
      { partition: 1, value: 'a' },
      { partition: 0, value: 'b' },
      { partition: 1, value: 'c' },
    ] as const
    expect(groupByPartition(sharing([a, b, c]))).toEqual({ 0: [b], 1: [a, c] })
    expect(groupByPartition(sharing([a]))).toEqual({ 1: [a] })
  })

  it('for a partition that the topic lacks are an error, and not lost', () => {
    expect(() => groupByPartition(sharing([{ partition: 2, value: 'a' }]))).toThrow(
      expect.objectContaining({ type: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'Topic t has no partition 2' }),
    )
  })
})
