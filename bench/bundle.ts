/** The doors' bundles: bytes of each beside the limit, which packages they come from, and the time to import each. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { checkout } from '../packages/cli/src/config-file.ts'
import { type Bundle, bundleFunctions } from '../packages/cli/src/dev/bundle.ts'
import {
  MOST_BYTES,
  mostOf,
  SIZES_FILE,
  sizesOf,
  writtenSizes,
} from '../packages/cli/src/dev/bundle-sizes.ts'
import { type Measured, median } from './measure.ts'

const RUNS = 15
/** For the import of a bundle, Node's own modules for HTTPS with it. */
const IMPORT_MS = 45

/** Prints the time that `import()` of the file takes in a process of its own. */
const IMPORT = `const begun = performance.now()
import(process.argv[1]).then(() => console.log(performance.now() - begun))`

/** Bundles all doors; `--write` takes their sizes over as those that a test holds. Throws where one cannot be bundled or imported. */
export async function measureBundle(): Promise<Measured[]> {
  const doors = globSync(join(checkout, 'functions', '*.ts')).filter((file) => !/rules|\.test\./.test(file))
  const bundles = await bundleFunctions(doors, join(checkout, 'capstan.config.ts'))
  const sizes = sizesOf(bundles)
  if (process.argv.includes('--write')) writeFileSync(SIZES_FILE, `${JSON.stringify(sizes, null, 2)}\n`)
  const written = writtenSizes()
  const kilobytes = (what: string, bytes: number, most: number) => ({
    what,
    value: bytes / 1000,
    unit: 'kB',
    limit: most / 1000,
  })
  return [
    ...Object.entries(sizes.doors).map(([name, bytes]) => kilobytes(`bundle of ${name}`, bytes, MOST_BYTES)),
    ...Object.entries(sizes.packages).map(([name, bytes]) =>
      kilobytes(`  ${name}`, bytes, mostOf(written.packages[name])),
    ),
    ...bundles.map((bundle) => ({
      what: `import of ${bundle.name}`,
      value: importTime(bundle),
      unit: 'ms',
      limit: IMPORT_MS,
    })),
  ]
}

const codeOf = ({ zip }: Bundle) => Object.values(unzipSync(zip))[0] ?? new Uint8Array()

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

/** What every door needs to start; nothing is called. */
const env = {
  ...process.env,
  AWS_REGION: 'us-east-1',
  CAPSTAN_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1/none',
}

function importOnce(file: string): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', IMPORT, file], {
    encoding: 'utf8',
    env,
  })
  // The line that an uncaught error quotes is the whole bundle.
  if (status !== 0) throw new Error(`${file} cannot be imported: ${stderr.slice(-1000)}`)
  return Number(stdout)
}
