/** Which columns of the incoming rows make up a record. A dotted name, `meta.source`, reads inside nested objects. */
export interface Fields {
  readonly id?: string // absent: the record is named after its place, `<topic>:<offset>`
  readonly source?: string
  readonly time?: string
  readonly label?: string
  readonly labelRequired: boolean
  readonly content: ContentFields
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
  const columns: string[] = []
  const slot = (name: string | undefined): number => {
    if (name === undefined) return -1
    const known = columns.indexOf(name)
    return known === -1 ? columns.push(name) - 1 : known
  }
  const content = contentColumns(fields.content).map(slot)
  return {
    columns,
    content,
    id: slot(fields.id),
    source: slot(fields.source),
    time: slot(fields.time),
    label: slot(fields.label),
  }
}
