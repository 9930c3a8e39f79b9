/**
 * Plain texts and numbers, for schemas. A schema costs some microseconds to make, when a function starts, and there would be
 * hundreds of these: one of each serves all.
 */
import * as z from 'zod/mini'

export const text: z.ZodMiniString = z.string()
export const number: z.ZodMiniNumber = z.number()
