import { expect, it } from 'vitest'

import { lackOf } from './access'

it('names the roles that a place is for', () => {
  expect(lackOf('batch.read', ['security_admin'], [])).toEqual({ kind: 'role', needed: ['policy_officer', 'finance_officer', 'auditor'] })
})

it('names the purpose that goes with the role', () => {
  expect(lackOf('person.search', ['case_worker'], [])).toEqual({ kind: 'purpose', needed: ['casework'] })
  expect(lackOf('person.search', ['case_worker', 'auditor'], [])).toEqual({ kind: 'purpose', needed: ['casework', 'supervision'] })
})

it('says that a place is the whole city’s', () => {
  expect(lackOf('quarantine.read', ['auditor'], ['supervision'])).toEqual({ kind: 'reach' })
  expect(lackOf('trail.read', ['auditor'], [])).toEqual({ kind: 'reach' })
  expect(lackOf('client.read', ['audit_admin'], [])).toEqual({ kind: 'reach' })
})
