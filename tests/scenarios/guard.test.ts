/** The guard: what completed and stayed healthy is good; what turns unhealthy goes back to it, once, and stays away. */
import { DeleteLifecyclePolicyCommand, PutLifecyclePolicyCommand } from '@aws-sdk/client-ecr'
import { expect, test } from 'vitest'
import { about, guardedWeb, listen, putAlarm, setAlarm } from './guarded.ts'

test('what completed and stayed healthy for its bake time is last known good, with its evidence', async () => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  const { record, reasons } = await fleet.story('web')
  expect(reasons).toContain('verify baked')
  expect(record?.good?.map(({ images }) => images.app?.digest)[0]).toBe(digest)
  expect(record?.good?.[0]?.evidence.length).toBeGreaterThan(0)
  expect(await own.types()).toEqual([
    'Capstan Deployment Started',
    'Capstan Deployment Completed',
    'Capstan Deployment Verified',
  ])
})

test('an alarm after a deployment rolls it back, holds it, and only something newer frees it', async () => {
  await using fleet = await guardedWeb()
  await putAlarm(fleet, 'web-errors', about('web'))
  const good = (await fleet.serviceNow('web')).images
  const bad = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('20s')
  await fleet.deliverEvents()
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}@${bad}` },
    rolloutState: 'COMPLETED',
  })
  await setAlarm(fleet, 'web-errors', 'ALARM')
  await fleet.deliverEvents(['alarm-state-changed'])
  expect((await fleet.serviceNow('web')).images).toEqual(good)
  await setAlarm(fleet, 'web-errors', 'OK')
  await fleet.settle()
  const back = await fleet.story('web')
  expect(back.reasons.filter((reason) => reason.startsWith('roll-back'))).toEqual(['roll-back alarm'])
  expect(Object.keys(back.record?.quarantine ?? {})).toEqual([bad])
  expect(back.record?.hold).toMatchObject({ reason: 'rolled-back' })
  expect((await fleet.serviceNow('web')).images).toEqual(good)

  const newer = await fleet.push('web', '1.2.0')
  await fleet.settle()
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${newer}` })
  expect(await fleet.deadLetters()).toEqual([])
})

test('a lifecycle policy that will take a good image away is warned of, until it is changed', async () => {
  await using fleet = await guardedWeb()
  const repositoryName = 'web'
  const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 3 }
  const lifecyclePolicyText = JSON.stringify({
    rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }],
  })
  await fleet.ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }))
  await fleet.advance('10m')
  await fleet.sweep()
  expect((await fleet.story('web')).record?.warnings).toEqual([expect.stringContaining('web')])
  await fleet.ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }))
  await fleet.advance('10m')
  await fleet.sweep()
  expect((await fleet.story('web')).record).not.toHaveProperty('warnings')
})
