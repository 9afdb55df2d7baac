import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, folder, taster } from './taster.ts'

beforeAll(build)

// The pipeline that ships, without the baseline that has to be fitted first.
const shipped = readFileSync(new URL('../../pipelines/mail.yaml', import.meta.url), 'utf8')
const valid = join(folder(), 'mail.yaml')
writeFileSync(valid, shipped.replace(/^baseline:.*\n/m, ''))

const bad = 'nme: mail\ninput:\n  fields: { text: 5 }\nencoder: { text-glov: {} }\n'

describe('taster', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(await taster(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each([[[]], [['inspect']], [['baseline', 'fit']], [['check']]])(
    'helps with %j, with examples',
    async (command) => {
      const { code, out } = await taster([...command, '--help'])
      expect(code).toBe(0)
      expect(out).toContain(`Usage: taster${command.map((name) => ` ${name}`).join('')}`)
      expect(out).toContain('Examples:\n  $ taster ')
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    },
  )

  it.each([
    [['inspct'], "unknown command 'inspct'\n(Did you mean inspect?)"],
    [['check', '--jsn'], "unknown option '--jsn'\n(Did you mean --json?)"],
    [['inspect'], "missing required argument 'path'"],
  ])('%j ends with 2 and a way on', async (args, message) => {
    const { code, err } = await taster(args)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(err).toContain('--help')
  })

  it('without a command shows what there is, and ends with 2', async () => {
    const { code, err } = await taster([])
    expect(code).toBe(2)
    expect(err).toContain('Commands:')
  })
})

describe('taster check', () => {
  it('prints the complete configuration', async () => {
    const { code, out, err } = await taster(['check', valid])
    expect(code).toBe(0)
    expect(out).toContain('recordBytes: 10485760')
    expect(err).toContain(`valid ${valid}`)
  })

  it('lists all problems of all files at once, each with its place and remedy', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'bad.yaml'), bad)
    writeFileSync(join(cwd, 'torn.yaml'), 'name: [a\n')
    const { code, out, err } = await taster(['check', 'bad.yaml', 'torn.yaml', 'none.yaml'], cwd)
    expect(code).toBe(2)
    expect(out).toBe('')
    for (const where of ['bad.yaml:1:1', 'bad.yaml:3:13', 'bad.yaml:4:12', 'torn.yaml:2:1'])
      expect(err).toContain(`  ${where}\n`)
    expect(err).toContain('did you mean text-glove?')
    expect(err).toContain('no pipeline to read at none.yaml')
    expect(err).not.toContain('    at ')
  })

  it('says the same to programs', async () => {
    const cwd = folder()
    writeFileSync(join(cwd, 'bad.yaml'), bad)
    const { code, out } = await taster(['check', 'bad.yaml', '--json'], cwd)
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({
      pipelines: [{ file: 'bad.yaml', valid: false, error: { code: 'CONFIG_INVALID', problems: expect.any(Array) } }],
    })
    const checked = await taster(['check', valid, '--json'])
    expect(JSON.parse(checked.out)).toMatchObject({ pipelines: [{ valid: true, configuration: { name: 'mail' } }] })
  })

  it('writes the schema that is committed', async () => {
    const cwd = folder()
    expect((await taster(['check', '--write-schema', 'schema.json'], cwd)).code).toBe(0)
    const committed = readFileSync(new URL('../../pipelines/pipeline.schema.json', import.meta.url), 'utf8')
    expect(readFileSync(join(cwd, 'schema.json'), 'utf8')).toBe(committed)
  })

  it('does not mind a reader that has seen enough', async () => {
    const cwd = new URL('../../', import.meta.url)
    const shell = spawn('sh', ['-c', `node dist/src/cli/main.js check ${valid}; echo "code $?" >&2`], {
      cwd,
    })
    shell.stdout.destroy()
    let err = ''
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    await new Promise((done) => shell.on('close', done))
    expect(err).toContain('code 0')
    expect(err).not.toContain('EPIPE')
  })
})
