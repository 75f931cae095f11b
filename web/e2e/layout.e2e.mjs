import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

const PLACES = [
  '/console/overview',
  '/console/inbox',
  '/console/people',
  '/console/quarantine',
  '/console/reviews',
  '/console/lists',
  '/console/lists?list=differences',
  '/console/batches',
  '/console/accounts',
  '/console/accounts/auditor',
  '/console/organisations',
  '/console/clients',
  '/console/trail',
  '/console/account',
  '/',
  '/nowhere',
]

for (const locale of ['zh', 'en']) {
  for (const width of [360, 768, 1280]) {
    test(`no page is wider than a window of ${width} px (${locale})`, async (t) => {
      const { page } = await openConsole(t, { width, height: 800, locale })
      for (const place of PLACES) {
        await page.goto(place)
        await settled(page)
        await assertNoSidewaysScroll(page, place)
      }
      await page.goto('/console/lists')
      await settled(page)
      await page.locator('tbody th a').first().click()
      await page.waitForURL(/decision=/)
      await settled(page)
      await assertNoSidewaysScroll(page, 'a decision')
      await page.keyboard.press('Escape')
      await page.waitForURL((url) => !url.searchParams.has('decision'))
      for (const attribute of (await page.locator('button[aria-controls^="values-"]').all()).slice(0, 4)) await attribute.click()
      await assertNoSidewaysScroll(page, 'a file')
    })
  }
}

for (const width of [390, 1280]) {
  test(`every page is accessible as far as a machine can tell (${width} px)`, async (t) => {
    const { page } = await openConsole(t, { width, height: 800 })
    for (const place of PLACES) {
      await page.goto(place)
      await settled(page)
      await assertAccessible(page, place)
    }
    await page.goto('/console/lists')
    await settled(page)
    await page.locator('tbody th a').first().click()
    await page.waitForURL(/decision=/)
    await settled(page)
    await page.getByRole('dialog').locator('li.condition').first().waitFor()
    await assertAccessible(page, 'a decision')
  })
}

test('a phone reaches every page by the menu', async (t) => {
  const { page } = await openConsole(t, { width: 360, height: 740 })
  await settled(page)
  await page.getByRole('button', { name: '菜单' }).click()
  await page.getByRole('dialog').getByRole('link', { name: '隔离区' }).click()
  await page.waitForURL('**/console/quarantine**')
  await page.getByRole('heading', { level: 1, name: '隔离区' }).waitFor()
})
