import type { oidc as Zh } from '../zh/oidc'

export const oidc: typeof Zh = {
  oidc: {
    or: 'or',
    with: 'Sign in with {name}',
    codeLead: 'The sign-in service has named you. Your account has a second factor as well.',
    again: 'Sign in in another way',
    link: {
      title: 'Sign-in service',
      issuer: 'Service',
      subject: 'Id at the service',
      subjectHint: 'What the service calls its user (sub), letter by letter; its administrator knows it.',
      by: 'Linked by',
      at: 'Linked',
      none: 'Not linked',
      noneDetail: 'The account signs in with username and password alone.',
      idle: 'This link is with another service than the one of now; nobody can sign in by it.',
      set: 'Link',
      change: 'Change link',
      submit: 'Link',
      what: 'Whoever has this id at the sign-in service then signs in as {username}. All sessions of the account end at once.',
      done: 'The account was linked',
      remove: 'Take link away',
      removeWhat: 'Nobody can then sign in as {username} by the sign-in service. All sessions of the account end at once; username and password stay.',
      removed: 'The link was taken away',
    },
  },
}
