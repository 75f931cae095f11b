import assert from 'node:assert/strict'

/** The address of the SMS simulator, and people of the city who can sign in, as `scripts/browser_tests.sh` tells them. */
export const sms = process.env.HUIMIN_TEST_SMS
const people = JSON.parse(process.env.HUIMIN_TEST_CITIZENS ?? '[]')

/** One of them; each test file takes others, since everybody gets one code a minute. */
export function somebody(number) {
  assert.ok(sms && people[number], 'HUIMIN_TEST_SMS and HUIMIN_TEST_CITIZENS tell who can sign in')
  return people[number]
}
