/** Runs the real `sst deploy`, with no network and no account of AWS, and returns what it would have made. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { checkout } from '@capstan/cli/config-file.ts'
import { type AwsForSst, startAwsForSst } from './aws-for-sst.ts'
import type { Graph } from './graph.ts'
import { ACCOUNT, type Where } from './pulumi-answers.ts'

const binaries = join(checkout, 'node_modules', '.bin')

/** A stage as sst evaluated it. */
export interface Evaluated {
  readonly graph: Graph
  /** Where the bundles are that would be uploaded: `NAME-src/bundle.mjs`, and zipped as `NAME/code.zip`. */
  readonly artifacts: string
  /** Removes the artifacts. */
  dispose(): Promise<void>
}

export interface EvaluateOptions {
  /** Instead of the repository's `capstan.config.ts`: its text. */
  readonly config?: string
  /** Variables of whoever deploys. */
  readonly variables?: Readonly<Record<string, string>>
  /** An account in Ireland unless told. */
  readonly where?: Where
}

/**
 * Deploys `stage` from a folder of its own, since sst leaves files beside each package.json of the tree that it works in. Throws
 * with what sst has printed where it fails or asks AWS for something that nobody foresaw, and where `npm run sst:types` (which
 * `npm test` runs first, because it alone needs the registry) has not unpacked sst's sources yet.
 */
export async function evaluate(stage: string, options: EvaluateOptions = {}): Promise<Evaluated> {
  if (!existsSync(join(checkout, '.sst', 'platform', 'config.d.ts')))
    throw new Error('The sources of sst are not unpacked. Run npm run sst:types.')
  const home = await mkdtemp(join(tmpdir(), 'capstan-sst-'))
  const dispose = () => rm(home, { recursive: true, force: true })
  const aws = await startAwsForSst()
  try {
    await Promise.all([installPulumi(home), createTree(home, options)])
    const { code, output } = await run(home, ['deploy', '--stage', stage], {
      ...environmentOf(home, aws, options),
      ...options.variables,
    })
    if (aws.unexpected.length) throw new Error(`sst asked AWS for ${aws.unexpected.join(', ')}.\n${output}`)
    const graph = JSON.parse(await readFile(join(home, GRAPH), 'utf8').catch(() => NOTHING)) as Graph
    const made = graph.resources.filter(({ custom }) => custom).length
    if (code !== 0)
      throw new Error(`sst deploy --stage ${stage} ended with ${code} and made ${made} resources.\n${output}`)
    return { graph, artifacts: join(home, 'tree', '.sst', 'artifacts'), dispose }
  } catch (error) {
    await dispose()
    throw error
  } finally {
    aws.close()
  }
}

const GRAPH = 'graph.json'
const NOTHING = '{"resources":[]}'

/** What sst bundles is copied, since it tells the files of an app by their paths; what these import is linked. */
async function createTree(home: string, { config }: EvaluateOptions): Promise<void> {
  const tree = join(home, 'tree')
  await mkdir(join(tree, '.sst'), { recursive: true })
  const copied = ['sst.config.ts', 'capstan.config.ts', 'package.json', 'functions', 'stacks']
  const unpacked = ['.sst/provider-lock.json', '.sst/esbuild.json']
  for (const name of [...copied, ...unpacked])
    await cp(join(checkout, name), join(tree, name), { recursive: true, force: true })
  for (const name of ['node_modules', 'packages', '.sst/platform'])
    await symlink(join(checkout, name), join(tree, name))
  if (config !== undefined) await writeFile(join(tree, 'capstan.config.ts'), config)
}

/** Where sst looks for Pulumi: under XDG_CONFIG_HOME, and on macOS where applications keep their files. */
async function installPulumi(home: string): Promise<void> {
  const script = `#!/bin/sh\nexec "${process.execPath}" --enable-source-maps "${join(import.meta.dirname, 'pulumi.ts')}" "$@"\n`
  for (const folder of ['sst/bin', 'Library/Application Support/sst/bin']) {
    await mkdir(join(home, folder), { recursive: true })
    await writeFile(join(home, folder, 'pulumi'), script, { mode: 0o755 })
  }
}

function environmentOf(
  home: string,
  { url }: AwsForSst,
  { where = { account: ACCOUNT, region: 'eu-west-1' } }: EvaluateOptions,
): Record<string, string | undefined> {
  return {
    PATH: [binaries, process.env.PATH].join(delimiter),
    HOME: home,
    XDG_CONFIG_HOME: home,
    SST_GRAPH_FILE: join(home, GRAPH),
    SST_SKIP_DEPENDENCY_CHECK: '1',
    SST_TELEMETRY_DISABLED: '1',
    SST_AWS_NO_PROFILE: '1',
    SST_BUN_PATH: join(binaries, 'bun'),
    NO_COLOR: '1',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: where.region,
    SST_ACCOUNT: where.account,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nobody',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  }
}

async function run(home: string, args: readonly string[], env: Record<string, string | undefined>) {
  const cwd = join(home, 'tree')
  const child = spawn(join(binaries, 'sst'), args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  return { code, output }
}
