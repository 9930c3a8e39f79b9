/** Bundles a door for Lambda: one file with all that it imports, zipped. The same options serve a deployment to AWS. */
import { basename } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { zipSync } from 'fflate'

/** A function's code as CreateFunction takes it. */
export interface Bundle {
  /** The door's file name without its ending: `image-pushed`. */
  readonly name: string
  /** Lambda's handler setting: file and export. */
  readonly handler: string
  readonly zip: Uint8Array
  /** Where its bytes come from, unzipped: by package, the biggest first. */
  readonly parts: Readonly<Record<string, number>>
}

/** Some CommonJS packages in the bundle still call require, which an ES module does not have. */
const REQUIRE =
  "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);"

/**
 * Bundles `entries` (files of functions/) with the fleet's settings taken from `configFile`.
 * Throws esbuild's error, which names file and line, where a file cannot be bundled.
 */
export async function bundleFunctions(entries: readonly string[], configFile: string): Promise<Bundle[]> {
  const { outputFiles, metafile } = await build({
    entryPoints: [...entries],
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK's parts name their CommonJS build first, of which nothing can be left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Names of functions and classes would be 50 kB; nothing may depend on them, and our errors say theirs.
    keepNames: false,
    banner: { js: REQUIRE },
    plugins: [settingsFrom(configFile)],
    metafile: true,
    logLevel: 'silent',
  })
  return outputFiles.map(({ path, contents }) => {
    const file = basename(path)
    const name = basename(path, '.mjs')
    return {
      name,
      handler: `${name}.handler`,
      zip: zipSync({ [file]: contents }, { level: 1, mtime: '1980-01-01' }),
      parts: partsOf(metafile.outputs, file),
    }
  })
}

/** The doors import the settings of this checkout; a user's own file takes their place. */
function settingsFrom(configFile: string): Plugin {
  return {
    name: 'settings',
    setup(builder) {
      builder.onResolve({ filter: /(^|\/)capstan\.config\.ts$/ }, () => ({ path: configFile }))
    },
  }
}

function partsOf(outputs: Metafile['outputs'], file: string): Record<string, number> {
  const inputs = Object.entries(outputs).find(([path]) => basename(path) === file)?.[1].inputs ?? {}
  const parts: Record<string, number> = {}
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = packageOf(path)
    parts[name] = (parts[name] ?? 0) + bytesInOutput
  }
  return Object.fromEntries(Object.entries(parts).sort(([, a], [, b]) => b - a))
}

function packageOf(path: string): string {
  const [, dependency] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  return dependency ?? /packages\/[^/]+|functions/.exec(path)?.[0] ?? 'settings'
}
