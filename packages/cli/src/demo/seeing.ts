/** What several steps of the story wait for and tell. */
import { join } from 'node:path'
import { shortDigest } from '@capstan/core/image.ts'
import { checkout } from '../config-file.ts'
import { until } from '../until.ts'
import type { Visit } from './visitor.ts'
import type { Deployed, World } from './world.ts'

/** The folder of a version of the example. */
export const exampleFolder = (version: string): string => join(checkout, 'examples', 'web', version)

/** Resolves when ECS has completed the deployment of `digest` and nothing else runs; any image without it. */
export function whenDeployed(world: World, digest?: string): Promise<Deployed> {
  return until(
    () => `ECS completes ${digest ? `the deployment of ${shortDigest(digest)}` : 'the first deployment'}`,
    async () => {
      const seen = await world.deployed()
      return seen.completed && (!digest || seen.digest === digest) ? seen : undefined
    },
  )
}

/** What a visitor saw, in words. */
export function describeVisit({ asked, bad, badForMs }: Visit): string {
  if (!bad) return `${asked} requests meanwhile, all answered`
  return `${bad} of ${asked} requests failed, over ${(badForMs / 1000).toFixed(1)} s`
}
