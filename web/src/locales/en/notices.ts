import type { notices as Zh } from '../zh/notices'

export const notices: typeof Zh = {
  notices: {
    title: 'Needs your attention',
    label: 'Notifications: nothing needs you | Notifications: {count} thing needs you | Notifications: {count} things need you',
    none: 'Nothing needs you now.',
    failed: 'The newest notifications did not arrive ({code}).',
    first: { change_password: 'Choose a password of your own', second_factor: 'Set up the second factor' },
    waiting: '{count} overdue task that nobody has taken | {count} overdue tasks that nobody has taken',
    waitingMore: 'At least {count} overdue task that nobody has taken | At least {count} overdue tasks that nobody has taken',
    rest: '{count} more',
  },
}
