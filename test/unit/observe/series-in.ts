/** One sample of the Prometheus text format. */
export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

/** Reads the text exposition format strictly: a line that it does not know is an error. */
export function samplesIn(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+$/.test(line))
    .map((line) => {
      const parts = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
      if (parts === null) throw new Error(`no sample: ${line}`)
      const [, name = '', labels = '', value = ''] = parts
      const pairs = [...labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)]
      if (pairs.map(([whole]) => whole).join('') !== labels) throw new Error(`no labels: ${line}`)
      const number = value === '+Inf' ? Infinity : value === 'Nan' ? NaN : Number(value)
      return { name, labels: new Map(pairs.map(([, label = '', of = '']) => [label, of])), value: number }
    })
}
