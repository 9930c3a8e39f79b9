/** What could keep a service from going back: images of its good states that are gone, or that a policy will take away. */

import { shortDigest } from '@capstan/core/image.ts'
import { lifecycleThreats } from '@capstan/core/lifecycle.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView, DeployedImage } from '@capstan/core/view.ts'
import type { EcrApi } from '../clients.ts'
import { insteadIfGone } from './none-if-gone.ts'

export interface LifecyclePolicies {
  /** The text of a repository's policy; `undefined` where it has none. */
  get(repository: string): Promise<string | undefined>
}

/** A policy changes seldom, and its threats are days away: asked for each ten minutes (ms). */
const FRESH_MS = 10 * 60_000
/** How far is looked ahead. */
const AHEAD = { pushes: 5, days: 7 }

/** Lifecycle policies as `ecr` tells of them. */
export function lifecyclePoliciesOf(ecr: EcrApi, now: () => number): LifecyclePolicies {
  const known = new Map<string, { readonly at: number; readonly text: Promise<string | undefined> }>()
  return {
    get(repositoryName) {
      const found = known.get(repositoryName)
      if (found && now() - found.at < FRESH_MS) return found.text
      const asked = ecr.call('GetLifecyclePolicy', { repositoryName })
      const text = insteadIfGone(
        asked.then((answer) => answer.lifecyclePolicyText),
        undefined,
      )
      known.set(repositoryName, { at: now(), text })
      // What failed is asked for again.
      text.catch(() => known.delete(repositoryName))
      return text
    },
  }
}

/** The sentences about the images of the service's good states. */
export async function observeWarnings(
  view: DeliveryView,
  policies: LifecyclePolicies,
  now: number,
): Promise<string[]> {
  const good = (view.record?.good ?? []).flatMap(({ images }) => Object.values(images))
  const byRepository = Map.groupBy(good, ({ repository }) => repository)
  const found = [...byRepository].map(async ([repository, images]) => {
    const gone = missingFrom(view, repository, images)
    return [...gone, ...(await threatsTo(view, repository, images, policies, now))]
  })
  return [...new Set((await Promise.all(found)).flat())].sort()
}

function missingFrom(view: DeliveryView, repository: string, images: readonly DeployedImage[]): string[] {
  const listed = view.repositories[repository]
  const missing = images.filter(({ digest }) => listed?.every((image) => image.digest !== digest))
  return missing.map(({ digest, tag }) => {
    const name = tag === undefined ? shortDigest(digest) : `${tag} (${shortDigest(digest)})`
    return `${repository} ${name} is gone, so ${nameOf(view.service)} cannot go back to it; push it again.`
  })
}

async function threatsTo(
  { repositories }: DeliveryView,
  repository: string,
  good: readonly DeployedImage[],
  policies: LifecyclePolicies,
  now: number,
): Promise<string[]> {
  const images = repositories[repository]
  const policy = images && (await policies.get(repository))
  if (!images || policy === undefined) return []
  const digests = good.map(({ digest }) => digest)
  const threats = lifecycleThreats({ policy, repository, images, digests, outlook: { now, ...AHEAD } })
  return threats.map(({ sentence }) => sentence)
}
