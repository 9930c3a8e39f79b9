/** The doors' bundles: bytes of each beside the limit, where the biggest's bytes come from, and the time to import it. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { checkout } from '../packages/cli/src/config-file.ts'
import { type Bundle, bundleFunctions } from '../packages/cli/src/dev/bundle.ts'
import { type Measured, median } from './measure.ts'

const RUNS = 15
/** Less than this is not worth a line. */
const LEAST_BYTES = 2000

/** Prints the time that `import()` of the file takes in a process of its own. */
const IMPORT = `const begun = performance.now()
import(process.argv[1]).then(() => console.log(performance.now() - begun))`

/** Bundles all doors. Throws where one cannot be bundled or imported. */
export async function measureBundle(): Promise<Measured[]> {
  const doors = globSync(join(checkout, 'functions', '*.ts')).filter((file) => !/rules|\.test\./.test(file))
  const bundles = await bundleFunctions(doors, join(checkout, 'capstan.config.ts'))
  const [biggest] = bundles.toSorted((a, b) => sizeOf(b) - sizeOf(a))
  if (!biggest) throw new Error('There is no door in functions/')
  const parts = Object.entries(biggest.parts).filter(([, bytes]) => bytes >= LEAST_BYTES)
  return [
    ...bundles.map((bundle) => ({
      what: `bundle of ${bundle.name}`,
      value: sizeOf(bundle) / 1000,
      unit: 'kB',
    })),
    ...parts.map(([name, bytes]) => ({ what: `${biggest.name}: ${name}`, value: bytes / 1000, unit: 'kB' })),
    { what: `import of ${biggest.name}`, value: importTime(biggest), unit: 'ms' },
  ]
}

const codeOf = ({ zip }: Bundle) => Object.values(unzipSync(zip))[0] ?? new Uint8Array()
const sizeOf = (bundle: Bundle) => codeOf(bundle).length

function importTime(bundle: Bundle): number {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bundle-'))
  try {
    const file = join(folder, `${bundle.name}.mjs`)
    writeFileSync(file, codeOf(bundle))
    return median(Array.from({ length: RUNS }, () => importOnce(file)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function importOnce(file: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', IMPORT, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} cannot be imported: ${stderr}`)
  return Number(stdout)
}
