import { expect, test } from 'vitest'
import { createClients } from './clients.ts'
import { parseEnvironment } from './environment.ts'
import { registryOf } from './registries.ts'

test('a repository of no place that is named is not taken for one that is gone', async () => {
  const { ecr } = createClients(parseEnvironment({ AWS_REGION: 'us-east-1' }))
  const all = [{ name: 'home', account: '111111111111', region: 'us-east-1' }]
  const { images, policies } = registryOf({ own: ecr, all, ecrAt: () => ecr, now: () => 0 })
  const repository = 'arn:aws:ecr:us-east-1:222222222222:repository/web'
  const refused = { code: 'INVALID_CONFIG', message: expect.stringContaining("{ account: '222222222222'") }
  await expect(images.list(repository)).rejects.toMatchObject(refused)
  await expect(images.platforms(repository, 'sha256:0')).rejects.toMatchObject(refused)
  await expect(policies.get(repository)).rejects.toMatchObject(refused)
})
