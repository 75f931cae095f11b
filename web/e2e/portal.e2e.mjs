import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sms, somebody } from './citizens.mjs'
import { assertAccessible, assertNoSidewaysScroll, failing, openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

const [citizen, relative] = [somebody(0), somebody(1)]

/** There is one code a minute, so that one sign-in serves all tests. */
let cookies = []

const PHONE = { width: 390, height: 800 }

/** A fresh telephone, signed in to the portal if a test before has. */
async function openPortal(t, options = {}) {
  const opened = await openConsole(t, { ...PHONE, signedIn: false, ...options })
  await opened.context.addCookies(cookies)
  await opened.page.goto('/')
  await settled(opened.page)
  return opened
}

async function newestMessage() {
  const { messages } = await (await fetch(`${sms}/messages`)).json()
  return messages[0]
}

/** The code of a message that came after another one. */
async function codeAfter(before) {
  for (let tries = 0; tries < 100; tries += 1) {
    const message = await newestMessage()
    if (message && message.id !== before?.id && message.to.includes(citizen.phone)) return message.parameters.code
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('no message came')
}

async function fillWho(page, who) {
  await page.getByLabel('公民身份号码').fill(who.id_number)
  await page.getByLabel('姓名').fill(who.name)
  await page.getByLabel('手机号码').fill(who.phone)
  await page.getByRole('button', { name: '获取验证码' }).click()
}

function place(page, name) {
  return page.getByRole('navigation', { name: '主要页面' }).getByRole('link', { name })
}

test('the first page is for citizens, and leads the staff on', async (t) => {
  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/')
  await page.getByRole('heading', { level: 2, name: '登录查看我的待遇' }).waitFor()
  await assertAccessible(page, 'the first page')
  await assertNoSidewaysScroll(page, 'the first page')
  await page.getByRole('link', { name: '工作人员入口' }).click()
  await page.waitForURL('**/console/sign-in**')
})

test('the affairs of somebody are not for whoever is not signed in', async (t) => {
  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/my/p1/readings')
  await page.getByRole('heading', { level: 2, name: '登录查看我的待遇' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
})

test('a number that cannot be one is refused at its field', async (t) => {
  const { page } = await openPortal(t)
  await fillWho(page, { id_number: '440104195001010000', name: '王芳', phone: '13800138000' })
  const field = page.getByLabel('公民身份号码')
  await page.getByText('这不是有效的身份号码').waitFor()
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  assert.ok(await field.evaluate((input) => input === document.activeElement))
  await assertAccessible(page, 'a refused number')
})

test('somebody signs in with a code; a wrong one is refused, and another can be had after a while', async (t) => {
  const { page, context } = await openPortal(t)
  const before = await newestMessage()
  await fillWho(page, citizen)
  await page.getByText('验证码已经发出').waitFor()
  await page.getByText('登记您现在的手机号码').waitFor()
  assert.ok(await page.getByRole('button', { name: /秒后可重新发送/ }).isDisabled())
  const box = page.getByLabel('短信中的六位验证码')
  assert.equal(await box.getAttribute('autocomplete'), 'one-time-code')
  assert.equal(await box.getAttribute('inputmode'), 'numeric')
  const code = await codeAfter(before)
  await box.fill(code === '000000' ? '000001' : '000000')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByText('验证码不正确或已过期').waitFor()
  assert.equal(await box.inputValue(), '')
  assert.ok(await box.evaluate((input) => input === document.activeElement))
  await assertAccessible(page, 'a wrong code')
  await assertNoSidewaysScroll(page, 'a wrong code')
  await box.fill(code)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.waitForURL('**/my/*')
  await page.getByRole('heading', { level: 1, name: `${citizen.name}，您的待遇` }).waitFor()
  assert.ok(!(await page.title()).includes(citizen.name), 'a name in the title would stay in the browser history')
  cookies = await context.cookies()
  // Who is signed in comes to their affairs from the first page.
  await page.goto('/')
  await page.waitForURL('**/my/*')
})

test('benefits, payments and what is known are shown, numbers only in part', async (t) => {
  const { page } = await openPortal(t)
  await page.getByRole('heading', { level: 2, name: '享受的待遇' }).waitFor()
  await page.getByRole('heading', { level: 2, name: '发放记录' }).waitFor()
  const known = page.locator('details', { hasText: '我们知道的情况' })
  assert.equal(await known.getAttribute('open'), null)
  await known.locator('summary').click()
  await known.getByText('公民身份号码').waitFor()
  assert.doesNotMatch(await page.locator('body').innerText(), /\d{17}[\dX]/)
  assert.doesNotMatch(await page.locator('body').innerText(), new RegExp(citizen.phone))
  for (const folded of await page.locator('summary').all()) await folded.evaluate((summary) => summary.parentElement?.setAttribute('open', ''))
  await assertAccessible(page, 'the affairs')
  await assertNoSidewaysScroll(page, 'the affairs')
})

test('each benefit says why, in plain words', async (t) => {
  const { page } = await openPortal(t)
  await page.locator('details summary').first().waitFor()
  for (const folded of await page.locator('summary').all()) await folded.evaluate((summary) => summary.parentElement?.setAttribute('open', ''))
  await page.getByRole('link', { name: /：(为什么有|缺什么|为什么没有)$/ }).first().click()
  await page.waitForURL('**/decisions/**')
  await page.getByRole('heading', { level: 2, name: '政策依据' }).waitFor()
  await page.getByText(/拨打 12345/).waitFor()
  await assertAccessible(page, 'why')
  await assertNoSidewaysScroll(page, 'why')
  await page.getByRole('link', { name: '返回待遇' }).click()
  await page.waitForURL(/\/my\/[^/]+(\?|$)/)
})

test('who has looked is listed, newest first, and one’s own look is the newest', async (t) => {
  const { page } = await openPortal(t)
  await place(page, '谁看过我的信息').click()
  await page.getByRole('heading', { level: 1, name: '谁看过我的信息' }).waitFor()
  const entries = page.getByRole('list', { name: '谁看过我的信息' }).getByRole('listitem')
  await entries.first().waitFor()
  assert.match(await entries.first().innerText(), /您本人[\s\S]*在网上查看谁看过信息[\s\S]*本人办理/)
  assert.equal(await page.getByRole('link', { name: '12345' }).getAttribute('href'), 'tel:12345')
  await assertAccessible(page, 'who has looked')
  await assertNoSidewaysScroll(page, 'who has looked')
  const more = page.getByRole('button', { name: '再看更早的' })
  if ((await more.count()) > 0) {
    const count = await entries.count()
    await more.click()
    await page.waitForFunction((shown) => document.querySelectorAll('main ol > li').length > shown, count)
  }
})

test('somebody is asked to act, and no longer', async (t) => {
  const { page } = await openPortal(t)
  await place(page, '谁能替我办事').click()
  await page.getByRole('heading', { level: 1, name: '谁能替我办事' }).waitFor()
  await settled(page)
  const form = page.locator('form')
  async function entrust(who) {
    await form.getByLabel('对方的姓名').fill(who.name)
    await form.getByLabel('对方的身份号码').fill(who.id_number)
    await form.getByRole('button', { name: '委托', exact: true }).click()
  }
  // A name that goes with another number tells nothing.
  await entrust({ ...relative, name: '无此人' })
  await page.getByText('REPRESENTATIVE-UNKNOWN').waitFor()
  await entrust(relative)
  const end = page.getByRole('button', { name: `收回对${relative.name}的委托` })
  await end.waitFor()
  await assertAccessible(page, 'who may act')
  await assertNoSidewaysScroll(page, 'who may act')
  await entrust(relative)
  await page.getByText('REPRESENTATION-EXISTS').waitFor()
  await end.click()
  const dialog = page.getByRole('dialog', { name: '收回委托' })
  await dialog.getByText('以后可以重新委托').waitFor()
  await assertAccessible(page, 'the question whether to end it')
  await dialog.getByRole('button', { name: '收回委托' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await end.waitFor({ state: 'detached' })
})

test('every page of the portal is accessible and fits in large type, in the dark and in English', async (t) => {
  for (const options of [{ modes: { theme: 'dark', type: 'large' }, width: 360 }, { locale: 'en', modes: { type: 'large' }, width: 360 }, { width: 1280 }]) {
    const { page } = await openPortal(t, options)
    await page.waitForURL('**/my/*')
    const own = new URL(page.url()).pathname
    for (const where of [own, `${own}/readings`, `${own}/representatives`]) {
      await page.goto(where)
      await settled(page)
      await assertAccessible(page, where)
      await assertNoSidewaysScroll(page, where)
    }
  }
})

test('an error can be tried again, and somebody else’s affairs are not shown', async (t) => {
  const { page } = await openPortal(t)
  await page.waitForURL('**/my/*')
  const own = new URL(page.url()).pathname
  const mend = await failing(page, '**/api/v1/citizen/people/**', 503, 'OVERLOADED')
  await page.goto(own)
  await page.getByRole('alert').getByText('OVERLOADED').waitFor()
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('heading', { level: 2, name: '享受的待遇' }).waitFor()
  await page.goto('/my/pffffffffff')
  await page.getByRole('heading', { level: 1, name: '不能查看' }).waitFor()
  await assertAccessible(page, 'somebody else')
})

test('an ended session leads to the first page, which says so', async (t) => {
  const { page, context } = await openPortal(t)
  await page.waitForURL('**/my/*')
  await context.clearCookies()
  await place(page, '谁看过我的信息').click()
  await page.getByText('登录已过期').waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
})

test('signing out closes the portal', async (t) => {
  const { page } = await openPortal(t)
  await page.waitForURL('**/my/*')
  const own = page.url()
  await page.getByRole('button', { name: '退出' }).click()
  await page.getByText('您已安全退出').waitFor()
  await page.goto(own)
  await page.getByRole('heading', { level: 2, name: '登录查看我的待遇' }).waitFor()
})
