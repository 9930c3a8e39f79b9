/** Limits that several operations and attributes share (SQS API Reference: SendMessage, ReceiveMessage, CreateQueue). */
export const LONGEST_DELAY_SECONDS = 900
export const LONGEST_POLL_SECONDS = 20
export const LONGEST_INVISIBLE_SECONDS = 43_200
/** Messages of a batch, and of one ReceiveMessage. */
export const MOST_AT_ONCE = 10
