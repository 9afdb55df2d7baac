import { median, type Figure, type Section } from './figures.ts'
import { passBare, passTaster, type Bench, type Pass, type Stream } from './pass.ts'

// Taster with the detectors that records.ts names, against what anyone gets out of kafkajs without it. Over Taster's
// own client, which reads and encodes faster, the floor is higher: that ratio is printed beside it, without a target.
const targets = { text: 0.5, vector: 0.7 } as const

/** Passes in turn, so that whatever else the machine does falls on all alike. */
export async function throughput(
  bench: Bench,
  stream: Stream,
  options: { readonly runs: number; readonly taster: boolean },
): Promise<{ readonly section: Section; readonly perSecond: number }> {
  const { content, records, recordBytes } = stream
  const passes = { client: [] as Pass[], line: [] as Pass[], taster: [] as Pass[] }
  const told = (what: string, { perSecond, cpuPerRecord, seconds }: Pass) =>
    bench.note(
      `${content.name}: ${what} ${Math.round(perSecond)} records/s in ${seconds.toFixed(1)} s, ${cpuPerRecord.toFixed(0)} µs of CPU a record`,
    )
  for (let run = 0; run < options.runs; run++) {
    const client = await passBare(bench, 'floor-client', stream)
    told('floor, kafkajs as it comes:', client)
    passes.client.push(client)
    const line = await passBare(bench, 'floor-line', stream)
    told("floor, Taster's client:", line)
    passes.line.push(line)
    if (!options.taster) continue
    const taster = await passTaster(bench, stream)
    told('Taster:', taster)
    passes.taster.push(taster)
  }

  const per = (of: readonly Pass[], what: string): Figure => ({
    what,
    values: of.map(({ perSecond }) => perSecond),
    unit: 'records/s',
  })
  // Each run against the floors that ran right before it.
  const ratios = (floor: readonly Pass[]) =>
    passes.taster.map(({ perSecond }, run) => perSecond / (floor[run]?.perSecond ?? NaN))
  const cpu = (of: readonly Pass[], what: string): Figure[] => [
    { what: `CPU a record, ${what}`, values: of.map(({ cpuPerRecord }) => cpuPerRecord), unit: 'µs' },
    { what: `CPU a record, broker, by ${what}`, values: of.map((it) => it.brokerCpuPerRecord), unit: 'µs' },
  ]
  const floors = [
    per(passes.client, 'floor, kafkajs as it comes'),
    per(passes.line, "floor, Taster's client"),
    ...cpu(passes.client, 'floor, kafkajs as it comes'),
    ...cpu(passes.line, "floor, Taster's client"),
  ]
  const ours: Figure[] = [
    per(passes.taster, 'Taster'),
    {
      what: 'against the floor of kafkajs as it comes',
      values: ratios(passes.client),
      target: { atLeast: targets[content.name] },
      digits: 2,
    },
    { what: "against the floor over Taster's client", values: ratios(passes.line), digits: 2 },
    ...cpu(passes.taster, 'Taster'),
    { what: 'cores that Taster kept busy', values: passes.taster.map((pass) => pass.cpu), digits: 2 },
    { what: 'records held back (the stream is clean)', values: passes.taster.map(({ held }) => held) },
  ]
  const section = {
    title: options.taster ? `Throughput: ${content.name}` : `Floor: ${content.name}`,
    setting:
      `${records.toLocaleString('en')} ${content.about}; JSON of ${Math.round(recordBytes)} bytes, 4 partitions, ` +
      'transactions of at most 1,000 records; from the first committed offset to the last, floors and Taster in turn',
    figures: options.taster ? [...floors.slice(0, 2), ...ours, ...floors.slice(2)] : floors,
  }
  return { section, perSecond: median(passes.taster.map(({ perSecond }) => perSecond)) }
}
