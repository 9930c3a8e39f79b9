import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { checkout } from '../config-file.ts'
import { bundleFunctions } from './bundle.ts'
import { MOST_BYTES, mostOf, sizesOf, writtenSizes } from './bundle-sizes.ts'

const doors = globSync(join(checkout, 'functions', '*.ts')).filter((file) => !/rules|\.test\./.test(file))
const codeOf = (zip: Uint8Array) => Object.values(unzipSync(zip))[0] ?? new Uint8Array()

test('each door is one file of at most 400 kB, which its handler setting names', async () => {
  const bundles = await bundleFunctions(doors, join(checkout, 'capstan.config.ts'))
  expect(bundles.map(({ handler }) => handler).sort()).toEqual([
    'alarm-state-changed.handler',
    'deployment-state-changed.handler',
    'image-pushed.handler',
    'reconcile-discovery.handler',
    'reconcile.handler',
    'tags-changed.handler',
    'task-state-changed.handler',
    'task-stopped.handler',
  ])
  for (const { name, zip, parts } of bundles) {
    expect(Object.keys(unzipSync(zip))).toEqual([`${name}.mjs`])
    expect(codeOf(zip).length, JSON.stringify(parts, null, 2)).toBeLessThan(MOST_BYTES)
  }
})

test('no door and no package in it is a tenth larger than what is written down', async () => {
  const sizes = sizesOf(await bundleFunctions(doors, join(checkout, 'capstan.config.ts')))
  const written = writtenSizes()
  for (const kind of ['doors', 'packages'] as const)
    for (const [name, bytes] of Object.entries(sizes[kind]))
      expect(bytes, `${name}; npm run bench -- bundle --write takes it over`).toBeLessThanOrEqual(
        mostOf(written[kind][name]),
      )
})

test("a user's own settings take the place of this checkout's", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bundle-'))
  try {
    const config = join(folder, 'capstan.config.ts')
    writeFileSync(config, "export default { services: { 'harbour/crane': 'semver:7.x' } }")
    const [bundle] = await bundleFunctions(doors.slice(0, 1), config)
    expect(Buffer.from(codeOf(bundle?.zip ?? new Uint8Array())).toString()).toContain('harbour/crane')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a config that cannot be read is named with its place', async () => {
  const missing = join(checkout, 'nowhere', 'capstan.config.ts')
  await expect(bundleFunctions(doors.slice(0, 1), missing)).rejects.toThrow('nowhere')
})
