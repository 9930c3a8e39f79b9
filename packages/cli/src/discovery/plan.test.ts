import { NAME, nameView, source, task } from '@capstan/core/discovery/builders.ts'
import { expect, test } from 'vitest'
import { changesAnything, countAdopted, planLines, planNames, worthTelling } from './plan.ts'

const old = { name: NAME, type: 'A', ttl: 300, values: ['192.0.2.1'], isPlain: true }

test('a plan says what, why and where, with a line for each record', () => {
  const [plan] = planNames([nameView({ sources: [source([task(1)])], actual: [] })])
  expect(plan && planLines(plan)).toEqual([
    'web.example.com, private zone example.com (Z1):',
    `  Adds A ${NAME} 10.0.0.1 for ${NAME}: their tasks can serve now.`,
    `    + ${NAME} 10 A 10.0.0.1 (capstan-${task(1).id})`,
  ])
})

test('what is adopted is replaced in the same pass', () => {
  const view = nameView({ sources: [source([task(1)])], actual: [old], adopts: true })
  const [plan] = planNames([view])
  expect(countAdopted(plan?.decisions ?? [])).toBe(1)
  expect(plan && planLines(plan).filter((line) => line.startsWith('    '))).toEqual([
    `    = ${NAME} 300 A 192.0.2.1`,
    `    + ${NAME} 10 A 10.0.0.1 (capstan-${task(1).id})`,
    `    - ${NAME} 300 A 192.0.2.1`,
  ])
})

test('names where nothing is to be told are left out, those that are hindered are not', () => {
  const quiet = nameView()
  const hindered = nameView({ sources: [source([task(1)])], actual: [old] })
  const plans = planNames([quiet, hindered])
  expect(changesAnything(plans)).toBe(false)
  expect(worthTelling(plans).map(({ view }) => view)).toEqual([hindered])
})
