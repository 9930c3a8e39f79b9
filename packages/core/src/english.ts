/**
 * Messages of `zod/mini` in English: it has none of its own, and would say "Invalid input" of everything. A file whose
 * schemas' messages reach someone imports this one.
 */

import { config } from 'zod/mini'
import english from 'zod/v4/locales/en.js'

config(english())
