import type { reference as Zh } from '../zh/reference'

export const reference: typeof Zh = {
  reference: {
    title: 'API reference',
    lead: 'All operations of the HTTP API of this server.',
    document: 'The OpenAPI document',
    search: 'Search operations',
    placeholder: 'Words of the summary, a path or a method',
    found: '{found} of {all} operations',
    trying: 'Signed in as {name}: what reads (GET) can be tried out. The answers are real data, and looking at a person is written into the audit trail. What changes something cannot be tried out here, nor can requests that the program of a partner has to sign.',
    nobody: 'Nobody is signed in, so that nothing can be tried out.',
    signIn: 'Sign in to the console',
  },
}
