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
import type { Measured } from './measure.ts'

/** Of so many imports the fastest fifth is told: what other programs take of the machine is none of the bundle's. */
const RUNS = 41
/** For the import of a bundle, Node's own modules for HTTPS with it. */
const IMPORT_MS = 45

/** Prints the time that `import()` of the file takes in a process of its own. */
const IMPORT = `const begun = performance.now()
import(process.argv[1]).then(() => console.log(performance.now() - begun))`

/** Bundles all doors; `--write` takes their sizes over as those that a test holds. Throws where one cannot be bundled or imported. */
export async function measureBundle(): Promise<Measured[]> {
  const doors = globSync(join(checkout, 'functions', '*.ts')).filter((file) => !/rules|\.test\./.test(file))
  const config = join(checkout, 'capstan.config.ts')
  const bundles = await bundleFunctions(doors, config)
  const sizes = sizesOf(bundles)
  if (process.argv.includes('--write')) writeFileSync(SIZES_FILE, `${JSON.stringify(sizes, null, 2)}\n`)
  const written = writtenSizes()
  const kilobytes = (what: string, bytes: number, most: number) => ({
    what,
    value: bytes / 1000,
    unit: 'kB',
    limit: most / 1000,
  })
  const [peer] = await bundleFunctions([join(checkout, 'bench', 'sdk-clients.ts')], config)
  const [theirs = Number.NaN, ...ours] = importTimes(peer ? [peer, ...bundles] : bundles)
  return [
    ...Object.entries(sizes.doors).map(([name, bytes]) => kilobytes(`bundle of ${name}`, bytes, MOST_BYTES)),
    ...Object.entries(sizes.packages).map(([name, bytes]) =>
      kilobytes(`  ${name}`, bytes, mostOf(written.packages[name])),
    ),
    ...bundles.map((bundle, index) => ({
      what: `import of ${bundle.name}`,
      value: ours[index] ?? Number.NaN,
      unit: 'ms',
      limit: IMPORT_MS,
      peer: { name: "SDK's clients alone", value: theirs },
    })),
  ]
}

const codeOf = ({ zip }: Bundle) => Object.values(unzipSync(zip))[0] ?? new Uint8Array()

/** How long the import of each takes (ms); they take turns, so that what else the machine does is the same for all. */
function importTimes(bundles: readonly Bundle[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bundle-'))
  try {
    const files = bundles.map((bundle) => join(folder, `${bundle.name}.mjs`))
    for (const [index, bundle] of bundles.entries()) writeFileSync(files[index] ?? '', codeOf(bundle))
    const rounds = Array.from({ length: RUNS }, () => files.map(importOnce))
    return files.map((_, index) => fifth(rounds.map((round) => round[index] ?? Number.NaN)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The value that a fifth of all is not above. */
function fifth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 5)] ?? Number.NaN
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
