import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, failing, openConsole, settled, steward, useBrowser } from './console.mjs'

useBrowser()

function bell(page) {
  return page.getByRole('button', { name: /^通知：/ })
}

function sheet(page) {
  return page.getByRole('region', { name: '需要您处理' })
}

test('the bell tells a steward of overdue tasks and leads to them; one that is taken is told of by itself', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.waitForFunction(() => document.querySelector('.bell .badge'))
  await bell(page).click()
  const waiting = sheet(page).getByRole('link', { name: /项逾期的待办无人接手/ })
  await waiting.click()
  await page.waitForURL(/\/console\/inbox\?.*due=overdue/)
  await settled(page)
  const row = page.locator('tbody tr').first()
  const title = (await row.locator('th').innerText()).trim()
  await row.getByRole('button', { name: `接手：${title}` }).click()
  await page.getByText('已接手', { exact: true }).first().waitFor()
  await settled(page)
  await bell(page).click()
  await sheet(page).getByRole('link', { name: title }).click()
  await page.waitForURL(/\/console\/inbox\/\d+/)
  await settled(page)
  assert.equal((await page.getByRole('heading', { level: 1 }).innerText()).trim(), title)
  // It can be taken by the next test, and the bell knows at once.
  await page.getByRole('main').getByRole('button', { name: '退回', exact: true }).click()
  await page.getByRole('dialog', { name: '退回' }).getByRole('button', { name: '退回', exact: true }).click()
  await page.getByRole('main').getByRole('button', { name: '接手', exact: true }).waitFor()
  await bell(page).click()
  await sheet(page).waitFor()
  assert.equal(await sheet(page).getByRole('link', { name: title }).count(), 0)
})

test('the bell is worked by keyboard, and says that nothing is to be done', async (t) => {
  const { page } = await openConsole(t)
  await settled(page)
  const button = page.getByRole('button', { name: '通知：没有需要处理的' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByText('现在没有需要您处理的。').waitFor()
  await page.keyboard.press('Escape')
  assert.ok(await button.evaluate((each) => each === document.activeElement))
  assert.equal(await button.getAttribute('aria-expanded'), 'false')
})

test('the bell says when it could not ask, and asks again', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  const mend = await failing(page, '**/api/v1/tasks?**', 503, 'OVERLOADED')
  await page.reload()
  await bell(page).click()
  await page.getByText('没有取得最新的通知（OVERLOADED）').waitFor()
  await mend()
  await sheet(page).getByRole('button', { name: '重试' }).click()
  await page.getByText('没有取得最新的通知（OVERLOADED）').waitFor({ state: 'hidden' })
  await sheet(page).getByRole('link').first().waitFor()
})

for (const [name, modes] of [
  ['', {}],
  [' in the dark', { theme: 'dark' }],
  [' in large type', { type: 'large' }],
]) {
  for (const width of [390, 1280]) {
    test(`the bell is accessible and fits a window of ${width} px${name}`, async (t) => {
      const { page } = await openConsole(t, { width, height: 800, as: steward, modes })
      await page.waitForFunction(() => document.querySelector('.bell .badge'))
      await bell(page).click()
      await sheet(page).getByRole('link').first().waitFor()
      await assertNoSidewaysScroll(page, 'the bell')
      await assertAccessible(page, 'the bell')
    })
  }
}
