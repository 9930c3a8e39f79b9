/**
 * With CI=true properties try the same cases each time, so that a change is judged by the change. Elsewhere the cases
 * are random: a counterexample found at a desk is welcome, and prints the seed that repeats it.
 */
import { configureGlobal } from 'fast-check'

if (process.env.CI) configureGlobal({ seed: 2026 })
