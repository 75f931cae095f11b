import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, openConsole, settled, steward, useBrowser } from './console.mjs'

useBrowser()

const PLACES = ['/console/overview', '/console/people', '/console/lists', '/console/inbox', '/console/trail', '/console/account', '/']
const OF_STEWARD = ['/console/inbox', '/console/quarantine', '/console/reviews']

/** What the document says about how it looks. */
function shown(page) {
  return page.evaluate(() => ({ ...document.documentElement.dataset, surface: getComputedStyle(document.body).backgroundColor, size: getComputedStyle(document.body).fontSize }))
}

for (const [name, modes] of [
  ['in the dark', { theme: 'dark' }],
  ['in large type', { type: 'large' }],
  ['in the dark in large type', { theme: 'dark', type: 'large' }],
]) {
  for (const width of [390, 1280]) {
    test(`every page is accessible and no wider than a window of ${width} px ${name}`, async (t) => {
      const { page: door } = await openConsole(t, { width, height: 800, signedIn: false, modes })
      await door.goto('/console/sign-in')
      await settled(door)
      await assertAccessible(door, 'sign-in')
      await assertNoSidewaysScroll(door, 'sign-in')
      const { page } = await openConsole(t, { width, height: 800, modes })
      for (const place of PLACES) {
        await page.goto(place)
        await settled(page)
        await assertAccessible(page, place)
        await assertNoSidewaysScroll(page, place)
      }
      // A decision has all tones, and a dialog over the page.
      await page.goto('/console/lists')
      await settled(page)
      await page.locator('tbody th a').first().click()
      await page.waitForURL(/decision=/)
      await settled(page)
      await page.getByRole('dialog').locator('li.condition').first().waitFor()
      await assertAccessible(page, 'a decision')
      await page.keyboard.press('Escape')
      await page.waitForURL((url) => !url.searchParams.has('decision'))
      for (const attribute of (await page.locator('button[aria-controls^="values-"]').all()).slice(0, 4)) await attribute.click()
      await assertAccessible(page, 'a file')
      await assertNoSidewaysScroll(page, 'a file')
      const { page: desk } = await openConsole(t, { width, height: 800, as: steward, modes })
      for (const place of OF_STEWARD) {
        await desk.goto(place)
        await settled(desk)
        await assertAccessible(desk, `${place} of the steward`)
        await assertNoSidewaysScroll(desk, `${place} of the steward`)
      }
    })
  }
}

test('no page is wider than a window of 390 px in large type in English', async (t) => {
  const { page } = await openConsole(t, { width: 390, height: 800, locale: 'en', modes: { type: 'large' } })
  for (const place of [...PLACES, '/console/sign-in']) {
    await page.goto(place)
    await settled(page)
    await assertNoSidewaysScroll(page, place)
  }
})

test('theme and type are chosen in the bar, hold at once, and are kept', async (t) => {
  const { page } = await openConsole(t)
  await settled(page)
  const before = await shown(page)
  assert.deepEqual([before.theme, before.type], ['light', 'normal'])
  const opener = page.getByRole('button', { name: '显示方式' })
  await opener.click()
  await page.getByRole('button', { name: '深色' }).click()
  await page.getByRole('button', { name: '大字版' }).click()
  await assertAccessible(page, 'the menu of modes')
  const after = await shown(page)
  assert.deepEqual([after.theme, after.type], ['dark', 'large'])
  assert.notEqual(after.surface, before.surface)
  assert.equal(Number.parseFloat(after.size), Number.parseFloat(before.size) * 1.25)
  await page.keyboard.press('Escape')
  assert.equal(await opener.getAttribute('aria-expanded'), 'false')
  assert.ok(await opener.evaluate((button) => button === document.activeElement))
  await page.reload()
  await settled(page)
  assert.deepEqual(await shown(page), after)
})

test('the theme follows the system unless another was chosen', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  assert.equal((await shown(page)).theme, 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'light')
  await page.getByRole('button', { name: '显示方式' }).click()
  await page.getByRole('button', { name: '深色' }).click()
  await page.getByRole('link', { name: '工作人员入口' }).click()
  await page.waitForURL('**/console/sign-in**')
  assert.equal((await shown(page)).theme, 'dark')
  await page.getByRole('button', { name: '显示方式' }).click()
  await page.getByRole('button', { name: '浅色' }).click()
  assert.equal((await shown(page)).theme, 'light')
})

test('a phone has theme and type in its menu', async (t) => {
  const { page } = await openConsole(t, { width: 390, height: 800, modes: { type: 'large' } })
  await settled(page)
  await page.getByRole('button', { name: '菜单' }).click()
  const menu = page.getByRole('dialog')
  await menu.getByRole('button', { name: '深色' }).click()
  assert.equal((await shown(page)).theme, 'dark')
  await assertAccessible(page, 'the menu of a phone')
  await assertNoSidewaysScroll(page, 'the menu of a phone')
})
