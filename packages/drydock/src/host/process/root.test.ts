import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyRoot, pathInRoot } from './root.ts'
import { imageOf, testFolder } from './testing.ts'

test('a copy can be changed without changing the image, and keeps its links as they are', async () => {
  const image = await imageOf({ 'app/data.txt': 'fresh' })
  await symlink('/app/data.txt', join(image.root, 'link'))
  const copy = await copyRoot(image.root, await testFolder(), 'web')
  await writeFile(join(copy, 'app/data.txt'), 'changed')
  expect(await readFile(join(image.root, 'app/data.txt'), 'utf8')).toBe('fresh')
  expect(await readlink(join(copy, 'link'))).toBe('/app/data.txt')
})

test.each([
  ['/app/main.js', 'app/main.js'],
  ['/absolute/main.js', 'app/main.js'],
  ['/relative/main.js', 'app/main.js'],
  ['/outside/etc/passwd', 'etc/passwd'],
  ['/../../etc/passwd', 'etc/passwd'],
  ['/app/../nothing/yet', 'nothing/yet'],
  ['/', ''],
])("%s lies in the container's files at %s", async (path, expected) => {
  const root = await testFolder()
  await mkdir(join(root, 'app'))
  await symlink('/app', join(root, 'absolute'))
  await symlink('./app', join(root, 'relative'))
  await symlink('../../..', join(root, 'outside'))
  expect(await pathInRoot(root, path)).toBe(join(root, expected))
})

test('links that go round in circles are refused', async () => {
  const root = await testFolder()
  await symlink('b', join(root, 'a'))
  await symlink('a', join(root, 'b'))
  await expect(pathInRoot(root, '/a')).rejects.toThrow('too many levels of symbolic links')
})
