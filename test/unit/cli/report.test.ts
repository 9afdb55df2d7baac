import { describe, expect, it } from 'vitest'
import { isFlagged, renderReport, type Report } from '../../../src/cli/report.ts'
import { coloursFor } from '../../../src/cli/terminal.ts'

const look = { width: 80, colours: coloursFor({ isTTY: false, columns: 80 }) }

const quiet: Report = {
  taster: '1.2.3',
  pipeline: 'mail',
  budget: { falseAlarms: 1, batches: 10_000 },
  granularity: 'batch',
  onFinding: 'quarantine',
  batchRecords: 50,
  baseline: {
    digest: `sha256:${'0'.repeat(64)}`,
    folder: 'approved',
    manifest: {
      encoder: { name: 'text-glove', params: {}, dims: 100, assets: null },
      rows: [
        { label: 'ham', reference: 1000, calibration: 600, validation: 400 },
        { label: 'spam', reference: 500, calibration: 300, validation: 200 },
      ],
      detectors: [],
      off: [],
      warnings: [],
    },
  },
  out: 'taster-out',
  audit: null,
  interrupted: false,
  counts: { read: 1234, clean: 1234, quarantine: 0, deadLetter: 0, repeatedIds: 0 },
  files: [{ path: 'mail.ndjson', rows: 1234 }],
  batches: { judged: 25, flagged: 0 },
  findings: [],
  findingsLeftOut: 0,
  diverted: [],
  waiting: [],
  recalled: [],
  absentColumns: [],
  newLabels: { records: 0, examples: [] },
}

const found: Report['findings'][number] = {
  detector: 'pair-flip',
  subject: { kind: 'pair', source: 'vendor \u001b[31mx', from: 'spam', to: 'ham' },
  summary: 'Of 40 records that look like spam, 17 are labelled ham; 1 in 200 would be usual.',
  facts: {},
  logE: Math.log(3.2e8),
  threshold: Math.log(10_000),
  onset: 'mail.ndjson row 301',
  raised: 'mail.ndjson row 451',
  batches: 4,
  records: 200,
  suspects: ['m-17', 'evil\nid', 'm-21'],
}

const loud: Report = {
  ...quiet,
  counts: { read: 1234, clean: 1024, quarantine: 200, deadLetter: 10, repeatedIds: 0 },
  batches: { judged: 25, flagged: 4 },
  findings: [found],
  diverted: [
    {
      code: 'LABEL_MISSING',
      decision: 'dead-letter',
      count: 10,
      example: { where: 'mail.ndjson row 17', reason: 'no label in column "label"' },
    },
  ],
  waiting: [
    {
      detector: 'class-shift',
      subjects: 1,
      example: { detector: 'class-shift', subject: { kind: 'label', name: 'spam' }, records: 12, needed: 200 },
    },
  ],
  baseline: {
    ...quiet.baseline,
    manifest: {
      ...quiet.baseline.manifest,
      off: [{ name: 'trigger', reason: 'no label has 200 reference records' }],
      warnings: ['3 trusted records have an id that another one has'],
    },
  },
}

const text = (report: Report) => renderReport(report, look)

describe('the report', () => {
  it('of clean input says so', () => {
    expect(text(quiet)).toMatch(/^CLEAN 1,234 records, and nothing in them asks for attention\n/)
    expect(text(quiet)).toContain('taster-out/clean holds what may be used')
    expect(isFlagged(quiet)).toBe(false)
  })

  it('of poisoned input says who, what, since when and on what evidence', () => {
    const written = text(loud)
    expect(written).toMatch(/^FLAGGED 1 finding, 200 quarantined, 10 unreadable of 1,234 records\n/)
    expect(written).toContain('pair-flip: source "vendor \\e[31mx": "spam" labelled "ham"')
    expect(written).toContain('evidence e = 3.2e8, alarm from 10,000')
    expect(written.replaceAll(/\s+/g, ' ')).toContain(
      'since mail.ndjson row 301, alarm at mail.ndjson row 451; 4 batches with 200 records',
    )
    expect(written).toContain('look first at: m-17, evil\\nid, m-21')
    expect(isFlagged(loud)).toBe(true)
  })

  it('tells what could not be read, and what could not be tested', () => {
    const written = text(loud)
    expect(written).toContain('10 × LABEL_MISSING (dead-letter)\n     mail.ndjson row 17: no label in column "label"')
    expect(written).toContain('trigger is off: no label has 200 reference records')
    expect(written).toContain(
      'class-shift: insufficient evidence for 1 subject; furthest is label "spam"\n    with 12 of 200 records',
    )
    expect(written).toContain('warning: 3 trusted records have an id that another one has')
  })

  it('fits its width and holds nothing that acts on a terminal', () => {
    for (const line of text(loud).split('\n')) expect(line.length).toBeLessThanOrEqual(look.width)
    // eslint-disable-next-line no-control-regex -- that there is none is what is tested
    expect(text(loud)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  it('of an interrupted run does not claim that the input is clean', () => {
    expect(text({ ...quiet, interrupted: true })).toMatch(/^INTERRUPTED after 1,234 records/)
  })

  it('lists the strongest findings only', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...found, raised: `mail.ndjson row ${i}` }))
    expect(text({ ...loud, findings: many, findingsLeftOut: 5 })).toContain('and 25 weaker ones')
  })

  it('says which rows in clean/ are recalled, and does not recommend them', () => {
    const because = ['trigger: word "cf" with label "ham"']
    const written = text({ ...loud, recalled: [{ path: 'mail.ndjson', from: 401, to: 551, rows: 149, because }] })
    expect(written).toContain('149 records in clean/ are recalled:\n  mail.ndjson rows 401 to 551, because of trigger:')
    expect(written.replaceAll(/\s+/g, ' ')).toContain('holds what may be used, except the 149 recalled records')
  })

  it('of clean input does not hide what was not tested', () => {
    const written = text({
      ...quiet,
      absentColumns: [{ part: 'source', name: 'sorce', nearest: 'source' }],
      newLabels: { records: 3, examples: ['ne\n'] },
      baseline: { ...quiet.baseline, manifest: loud.baseline.manifest },
    })
    expect(written).toMatch(/^CLEAN 1,234 records, and nothing that was tested in them asks for attention\n/)
    expect(written.replaceAll(/\s+/g, ' ')).toContain(
      "column 'sorce' (source) is in none of 1,234 records. Did you mean 'source'? Sources are not tested.",
    )
    expect(written).toContain('\n  1 detector off: trigger\n')
    expect(written).toContain('3 records with labels that no trusted record has: "ne\\n"')
  })

  it('of input without records says that nothing was read', () => {
    const counts = { read: 0, clean: 0, quarantine: 0, deadLetter: 0, repeatedIds: 0 }
    expect(text({ ...quiet, counts, files: [] })).toMatch(/^NOTHING READ /)
  })

  it('tells warnings to their end', () => {
    const warnings = [`${'word '.repeat(200)}end`]
    const manifest = { ...quiet.baseline.manifest, warnings }
    expect(text({ ...quiet, baseline: { ...quiet.baseline, manifest } })).toContain(' end\n')
  })

  it('tells as one what was raised together', () => {
    const feature = (name: string, logE: number): Report['findings'][number] => ({
      ...found,
      detector: 'trigger',
      subject: { kind: 'feature', feature: 7, label: 'ham' },
      facts: { feature: name },
      logE,
    })
    const written = text({ ...loud, findings: [feature('word "cf"', 20), feature('phrase "cf a"', 15)] })
    expect(written).toContain('1. trigger: word "cf" with label "ham"')
    expect(written).toContain('raised together with phrase "cf a" with label "ham"')
    expect(written).toMatch(/^FLAGGED 1 finding, /)
    expect(written).not.toContain('2. ')
  })
})
