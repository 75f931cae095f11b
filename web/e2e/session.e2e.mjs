import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, openConsole, settled, signIn, useBrowser } from './console.mjs'

useBrowser()

test('the first page leads the staff to sign-in, and from there into the console', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  await page.goto('/')
  assert.match(await page.title(), /惠民/)
  await page.getByRole('link', { name: '工作人员入口' }).click()
  await page.waitForURL('**/console/sign-in**')
  await signIn(page)
  await page.waitForURL('**/console/overview**')
  await page.getByRole('heading', { level: 1, name: '总览' }).waitFor()
  assert.equal(await page.title(), '总览 · 惠民')
})

test('a wrong password is refused with a code and does not let anybody in', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  await page.goto('/console/sign-in')
  await signIn(page, 'not the password')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /用户名或密码不正确/)
  await assertAccessible(page, 'sign-in with an error')
  await page.goto('/console/people')
  await page.waitForURL('**/console/sign-in?next=**')
})

test('an ended session leads to sign-in and back to the very page', async (t) => {
  const { page, context } = await openConsole(t)
  await page.goto('/console/lists?list=due')
  await settled(page)
  await context.clearCookies()
  await page.getByRole('button', { name: '差异' }).click()
  await page.waitForURL('**/console/sign-in**')
  await page.getByText('登录已过期').waitFor()
  await signIn(page)
  await page.waitForURL(/\/console\/lists\?.*list=differences/)
  await page.getByRole('heading', { level: 1, name: '三单' }).waitFor()
})

test('signing out closes the console', async (t) => {
  const { page } = await openConsole(t)
  await page.getByRole('button', { name: '退出' }).click()
  await page.waitForURL('**/console/sign-in')
  await page.goto('/console/overview')
  await page.waitForURL('**/console/sign-in?next=**')
})

test('the language switch changes every text and is remembered', async (t) => {
  const { page } = await openConsole(t)
  await settled(page)
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  assert.equal(await page.title(), 'Overview · Huimin')
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en-GB')
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
})

test('an address that does not exist has a page of its own', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  await page.goto('/no/such/page')
  await page.getByRole('heading', { name: '没有找到这个页面' }).waitFor()
  assert.equal(await page.title(), '页面不存在 · 惠民')
})
