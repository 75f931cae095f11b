import type { batches as Zh } from '../zh/batches'

export const batches: typeof Zh = {
  batches: {
    title: 'Payment batches',
    lead: 'Two people approve each batch, and their approval binds the hash of its content.',
    none: 'No payment batches yet',
    noneDetail: 'The main job prepares a batch, which then waits for approval.',
    items: 'Items',
    life: 'Progress of the batch',
    approvals: 'Approvals {count} of {needed}',
    noApproval: 'None yet',
    sentAt: 'Sent',
    receipts: 'Receipts',
    hash: 'Content hash',
    toLists: 'See the paid list of this period',
  },
}
