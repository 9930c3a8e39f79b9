import { expect, test } from 'vitest'
import { Failure, failures } from './failure.ts'

test.each(Object.entries(failures))(
  '%s says its own name, which begins its stack as well',
  (code, { name }) => {
    const failure = new Failure(code as keyof typeof failures, 'what happened')
    expect(failure.name).toBe(name)
    expect(failure.name).toMatch(/^[A-Z][A-Za-z]+$/)
    expect(failure.stack).toMatch(new RegExp(`^${name}: what happened\n {4}at `))
  },
)

test('a failure may have a narrower name, and has no tab in its message', () => {
  const failure = new Failure('DENIED', 'no\tentry', { name: 'UpdateServiceDenied' })
  expect(`${failure}`).toBe('UpdateServiceDenied: no entry')
  expect(failure).not.toHaveProperty('cause')
})
