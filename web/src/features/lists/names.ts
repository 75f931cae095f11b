import type { ItemState, ListName } from '@/api/types'

/** The three lists and what is between them, in the order of the work. */
export const LIST_NAMES = ['registered', 'due', 'paid', 'differences'] as const satisfies readonly ListName[]

/** The states of an item, in the order in which it passes through them. */
export const ITEM_STATES = ['not_due', 'due', 'prepared', 'approved', 'sent', 'paid', 'rejected', 'returned'] as const satisfies readonly ItemState[]
