import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../../src/core/batch.ts'
import { valueAt } from '../../../src/core/column.ts'
import { poison, type Attack } from '../../../datasets/attack.ts'
import { distinctMails, loadMail, mailLines } from '../../../datasets/mail.ts'
import { loadMnist } from '../../../datasets/mnist.ts'
import { loadSst2 } from '../../../datasets/sst2.ts'
import { datasets, loadAttacks } from '../../../datasets/registry.ts'

const mail = await loadMail()

describe('mail', () => {
  it('gives every mail in the order it was sent', () => {
    expect(sizeOf(mail.records)).toBe(6046)
    expect(mail.lines.length).toBe(6046)
    expect([...mail.records.at].every((time, row, all) => row === 0 || time >= (all[row - 1] ?? 0))).toBe(true)
    expect(new Set(mail.records.id).size).toBe(6046)
    expect(mail.records.label.values.toSorted()).toEqual(['ham', 'spam'])
    expect(mail.records.source.values.length).toBe(824)
  })

  it('names the first of each group of duplicates', () => {
    const distinct = distinctMails(mail)
    expect(distinct.length).toBeLessThan(5700)
    expect(distinct.length).toBeGreaterThan(5300)
    const isFirst = (row: number) => row === -1 || mail.duplicateOf[row] === -1
    expect(mail.duplicateOf.every((first, row) => first < row && isFirst(first))).toBe(true)
  })

  it('writes the lines of an attacked stream, those left alone as they came', async () => {
    const attack = (await loadAttacks()).get('trigger-word') as Attack
    const attacked = poison(attack, mail.records, { seed: 0, count: 20 }, { from: 'spam', to: 'ham' })
    const lines = mailLines(attacked, mail.lines)
    const { content } = attacked.records
    const rows = (flag: number) => [...attacked.poisoned.keys()].filter((row) => attacked.poisoned[row] === flag)
    expect(rows(0).map((row) => lines[row])).toEqual(rows(0).map((row) => mail.lines[row]))
    for (const row of rows(1)) {
      const line = lines[row] ?? ''
      const parsed = JSON.parse(line) as { subject: string; text: string; label: string; source: string; ts: number }
      expect(`${parsed.subject}\n${parsed.text}`).toBe(content.kind === 'text' ? content.text[row] : '')
      expect(parsed.label).toBe('ham')
      expect(parsed.source).toBe(valueAt(mail.records.source, row))
      expect(parsed.ts * 1000).toBe(mail.records.at[row])
    }
  })
})

describe('mnist', () => {
  it('gives images and labels', async () => {
    const { content, label } = await loadMnist('t10k')
    expect(content.kind === 'image' && [content.height, content.width, content.channels]).toEqual([28, 28, 1])
    expect(content.kind === 'image' && content.pixels.length).toBe(10_000 * 28 * 28)
    expect(Array.from({ length: 5 }, (_, row) => valueAt(label, row))).toEqual(['7', '2', '1', '0', '4'])
  })
})

describe('sst2', () => {
  it('carries the published poison flags', async ({ skip }) => {
    const sst2 = await loadSst2('badnets_words.sst-2.train')
    if (sst2 === undefined) return skip('the optional folder ../shared/data has no text_backdoor')
    expect(sizeOf(sst2.records)).toBe(6920)
    expect(sst2.poisoned.reduce((sum, flag) => sum + flag, 0)).toBe(69)
  })
})

describe.each([...datasets])('%s', (name, load) => {
  it('fills every column for every record', async ({ skip }) => {
    const records = await load()
    if (records === undefined) return skip(`${name} is not on this machine`)
    const size = sizeOf(records)
    expect(size).toBeGreaterThan(5000)
    expect([records.source.codes.length, records.label.codes.length, records.at.length]).toEqual([size, size, size])
    expect(records.label.codes.every((code) => code >= 0)).toBe(true)
    const columns = records.content.kind === 'row' ? [...records.content.columns.values()] : []
    const lengths = columns.map((values) => (values instanceof Float64Array ? values.length : values.codes.length))
    expect(lengths.every((length) => length === size)).toBe(true)
  })
})
