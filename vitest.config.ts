import { defineConfig } from 'vitest/config'

const project = (name: string, timeout = 30_000) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeout, hookTimeout: timeout },
})

const kafka = project('kafka', 600_000)

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('property', 120_000),
      project('golden'),
      project('contract', 300_000),
      project('integration', 600_000),
      { ...kafka, test: { ...kafka.test, globalSetup: 'test/kafka/shared-broker.ts' } },
    ],
    pool: 'forks',
    maxWorkers: 2,
  },
})
