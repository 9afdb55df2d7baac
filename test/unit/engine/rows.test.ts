import { describe, expect, it } from 'vitest'
import { column } from '../../../src/core/column.ts'
import type { Encoded } from '../../../src/core/encoded.ts'
import { rowsOf } from '../../../src/engine/rows.ts'

const batch: Encoded = {
  records: {
    id: ['0', '1', '2', '3'],
    source: column(['list', null, null, 'list']),
    label: column(['ham', 'ham', 'spam', 'spam']),
    at: new Float64Array(4),
    content: { kind: 'text', text: ['', '', '', ''] },
  },
  vectors: { rows: 4, cols: 0, data: new Float32Array() },
  features: { offsets: Int32Array.of(0, 2, 3, 4, 4), ids: Uint32Array.of(7, 8, 7, 7) },
  nameOf: () => '',
  labels: ['ham', 'spam'],
  label: Int32Array.of(0, 0, 1, 1),
  // content says spam of the first three, ham of the last
  probabilities: { rows: 4, cols: 2, data: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.9, 0.1) },
  nearest: new Int32Array(),
}

describe('rowsOf', () => {
  it.each([
    [{ kind: 'stream' }, [0, 1, 2, 3]],
    [{ kind: 'source', name: 'list' }, [0, 3]],
    [{ kind: 'label', name: 'spam' }, [2, 3]],
    [{ kind: 'pair', source: 'list', from: 'spam', to: 'ham' }, [0]],
    [{ kind: 'feature', feature: 7, label: 'ham' }, [0, 1]],
    [{ kind: 'feature', feature: 7, label: '' }, [0, 1, 2]],
    [{ kind: 'source', name: 'nobody' }, []],
  ] as const)('finds what %j concerns', (subject, rows) => {
    expect(rowsOf(subject, batch)).toEqual(rows)
  })

  it('finds the records without a source, which are tested together', () => {
    expect(rowsOf({ kind: 'pair', source: '', from: 'spam', to: 'ham' }, batch)).toEqual([1])
  })
})
