import type { Messages } from './recognise.ts'

/** Which columns of the incoming rows make up a record. A dotted name, `meta.source`, reads inside nested objects. */
export interface Fields {
  readonly id?: string // absent: the record is named after its place, `<topic>:<offset>`
  readonly source?: string
  readonly time?: string
  readonly label?: string
  readonly labelRequired: boolean
  readonly content: ContentFields
  readonly messages?: Messages // the records come on a topic; absent: each value is a row of a file
}

export type ContentFields =
  | { readonly kind: 'text'; readonly columns: readonly string[] } // joined with a line feed
  | {
      readonly kind: 'image'
      readonly column: string
      readonly height: number
      readonly width: number
      readonly channels: number
    }
  | { readonly kind: 'vector'; readonly column: string; readonly dims?: number }
  | { readonly kind: 'vector'; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly numeric: readonly string[]; readonly category: readonly string[] }

/** What decode reads of every row. A cell is asked for by its index in `columns`, its slot. */
export interface Slots {
  readonly columns: readonly string[]
  readonly id: number // -1 where the pipeline names no such column
  readonly source: number
  readonly time: number
  readonly label: number
  readonly content: readonly number[] // in the order of `contentColumns`
}

export function contentColumns(content: ContentFields): readonly string[] {
  switch (content.kind) {
    case 'text':
      return content.columns
    case 'image':
      return [content.column]
    case 'vector':
      return 'columns' in content ? content.columns : [content.column]
    case 'row':
      return [...content.numeric, ...content.category]
  }
}

export function slotsOf(fields: Fields): Slots {
  const slots = new Map<string, number>()
  const slot = (name: string | undefined): number => {
    if (name === undefined) return -1
    const known = slots.get(name)
    if (known !== undefined) return known
    slots.set(name, slots.size)
    return slots.size - 1
  }
  const content = contentColumns(fields.content).map(slot)
  const [id, source, time, label] = [fields.id, fields.source, fields.time, fields.label].map(slot)
  return {
    columns: [...slots.keys()],
    content,
    id: id ?? -1,
    source: source ?? -1,
    time: time ?? -1,
    label: label ?? -1,
  }
}
