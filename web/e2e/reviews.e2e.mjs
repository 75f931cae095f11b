import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, failing, openConsole, security, settled, steward, useBrowser } from './console.mjs'

useBrowser()

/** The pairs on the page. */
function pairs(page) {
  return page.getByRole('list', { name: '疑似同一人的各对人员' }).getByRole('article')
}

test('a steward comes from the task to the pairs, and from a pair to both files', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.goto('/console/inbox?show=open')
  await settled(page)
  await page.locator('tbody th a', { hasText: '可能是同一个人' }).first().click()
  await page.waitForURL(/\/console\/inbox\/\d+/)
  await page.getByRole('link', { name: '查看疑似同一人的各对人员' }).click()
  await page.waitForURL(/\/console\/reviews\?.*period=\d{4}-\d{2}/)
  await page.getByRole('heading', { level: 1, name: '疑似同一人' }).waitFor()
  await settled(page)
  await page.getByText('暂时不能在这里裁定').waitFor()
  const first = pairs(page).first()
  assert.equal(await first.getByRole('heading', { level: 3 }).count(), 2)
  const files = first.getByRole('heading', { level: 3 }).getByRole('link')
  assert.equal(await files.count(), 2)
  // Numbers stay masked.
  assert.doesNotMatch(await page.getByRole('main').innerText(), /\d{17}[\dX]/)
  const name = (await files.first().innerText()).trim()
  await files.first().click()
  await page.waitForURL(/\/console\/people\/P/)
  await page.getByRole('heading', { level: 1, name }).waitFor()
})

test('what agrees and what differs is said in words, the likeliest pair first', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '疑似同一人' }).click()
  await page.waitForURL('**/console/reviews**')
  await settled(page)
  const weights = (await pairs(page).getByText(/^匹配分 -?[\d.,]+$/).allInnerTexts()).map((text) => Number(text.replace(/[^\d.-]/g, '')))
  assert.ok(weights.length > 0)
  assert.equal(weights.length, await pairs(page).count())
  assert.deepEqual(weights, [...weights].sort((one, other) => other - one))
  for (const text of await pairs(page).allInnerTexts()) assert.match(text, /一致|不同|一方缺少/)
})

test('pairs are those of a district when the console is narrowed to it', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/link-reviews')
  await page.goto('/console/reviews?division=440104')
  const answer = await answered
  assert.equal(new URL(answer.url()).searchParams.get('division'), '440104')
  for (const { person, other } of (await answer.json()).pairs) {
    assert.ok([person, other].some(({ summary }) => summary.division?.startsWith('440104')), 'neither lives in the district')
  }
  await settled(page)
  await page.getByText('只看越秀区').waitFor()
})

test('pairs that fail to load show the code and load on retry', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  const mend = await failing(page, '**/api/v1/link-reviews?**', 500, 'INTERNAL')
  await page.goto('/console/reviews')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /INTERNAL/)
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await pairs(page).first().waitFor()
})

test('administrators see no pairs', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await page.goto('/console/reviews')
  await page.getByRole('heading', { level: 1, name: '您不能查看“疑似同一人”' }).waitFor()
})

for (const [name, modes] of [
  ['', {}],
  [' in the dark', { theme: 'dark' }],
  [' in large type', { type: 'large' }],
]) {
  for (const width of [390, 1280]) {
    test(`pairs are accessible and fit a window of ${width} px${name}, the two persons ${width > 640 ? 'side by side' : 'one below the other'}`, async (t) => {
      const { page } = await openConsole(t, { width, height: 800, as: steward, modes })
      await page.goto('/console/reviews')
      await settled(page)
      await assertNoSidewaysScroll(page, 'pairs')
      await assertAccessible(page, 'pairs')
      const [first, second] = await pairs(page).first().getByRole('heading', { level: 3 }).all()
      const [one, other] = [await first.boundingBox(), await second.boundingBox()]
      assert.equal(Math.abs(one.x - other.x) > width / 4, width > 640)
      assert.equal(other.y > one.y + 100, width <= 640)
    })
  }
}
