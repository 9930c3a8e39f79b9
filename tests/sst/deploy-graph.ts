/** Deploys the graph of a stage into Drydock: resource by resource, each with what it refers to as that was made. */
import type { SdkConfig } from '@capstan/cli/sdk.ts'
import type { Evaluated } from './evaluate.ts'
import { kinds, type Made, notMade } from './kinds.ts'
import { ACCOUNT, outputsOf } from './pulumi-answers.ts'

/**
 * Makes every resource that a provider would make. Those of the graph stand in the order in which they were made, so what a resource
 * refers to is there. Throws for a kind or a property that kinds.ts does not know.
 */
export async function deployGraph(
  { graph, artifacts }: Omit<Evaluated, 'dispose'>,
  sdk: SdkConfig,
  account = ACCOUNT,
): Promise<void> {
  const references = new Map<string, string>()
  const where = { account, region: graph.config['aws:region'] ?? '' }
  for (const { type, name, custom, existing, inputs } of graph.resources) {
    if (!custom || existing !== undefined || notMade[type] !== undefined) continue
    const make = kinds[type]
    if (!make) throw new Error(`Nobody makes ${type} (${name}): add it to tests/sst/kinds.ts.`)
    const made = await make(name, resolved(inputs, references), { sdk, artifacts }).catch(
      (cause: unknown) => {
        throw new Error(`${type} ${name} cannot be made.`, { cause })
      },
    )
    for (const [told, is] of differences(outputsOf(type, name, inputs, where), made)) references.set(told, is)
  }
}

/** What the graph says others refer to a resource by, with what they must refer to instead. */
function differences(told: Readonly<Record<string, unknown>>, made: Made): [string, string][] {
  return (['arn', 'url'] as const).flatMap((key) => {
    const [before, after] = [told[key], made[key]]
    return typeof before === 'string' && after !== undefined && before !== after ? [[before, after]] : []
  })
}

/** The longest first: one may begin as another does. */
function resolved(inputs: object, references: ReadonlyMap<string, string>): unknown {
  const ordered = [...references].toSorted(([a], [b]) => b.length - a.length)
  const text = ordered.reduce((all, [told, is]) => all.replaceAll(told, is), JSON.stringify(inputs))
  return JSON.parse(text)
}
