import assert from 'node:assert/strict'

/** The address of the SMS simulator, and people of the city who can sign in, as `scripts/browser_tests.sh` tells them. */
export const sms = process.env.HUIMIN_TEST_SMS
const people = JSON.parse(process.env.HUIMIN_TEST_CITIZENS ?? '[]')

/** One of them; each test file takes others, since everybody gets one code a minute. */
export function somebody(number) {
  assert.ok(sms && people[number], 'HUIMIN_TEST_SMS and HUIMIN_TEST_CITIZENS tell who can sign in')
  return people[number]
}

/** Signs somebody in to the portal with the code that they are sent. */
export async function enterPortal(page, who) {
  const newest = async () => (await (await fetch(`${sms}/messages`)).json()).messages[0]
  const before = await newest()
  await page.goto('/')
  await page.getByLabel('公民身份号码').fill(who.id_number)
  await page.getByLabel('姓名').fill(who.name)
  await page.getByLabel('手机号码').fill(who.phone)
  await page.getByRole('button', { name: '获取验证码' }).click()
  let message
  for (let tries = 0; tries < 100 && !message; tries += 1) {
    const found = await newest()
    if (found && found.id !== before?.id && found.to.includes(who.phone)) message = found
    else await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.ok(message, 'no message came')
  await page.getByLabel('短信中的六位验证码').fill(message.parameters.code)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.waitForURL('**/my/*')
}
