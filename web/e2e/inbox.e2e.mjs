import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, choices, failing, openConsole, security, settled, steward, useBrowser } from './console.mjs'

useBrowser()

/** Notes of other runs of these tests may be there. */
const RUN = randomBytes(3).toString('hex')

/** What the steward is called in the small city. */
const STEWARD_NAME = '数据员'

/** Opens the first task that is of a kind, and returns its address. */
async function openTask(page, words, show = 'open') {
  await page.goto(`/console/inbox?show=${show}`)
  await settled(page)
  await page.locator('tbody th a', { hasText: words }).first().click()
  await page.waitForURL(/\/console\/inbox\/\d+/)
  await settled(page)
  return page.url()
}

function act(page, name) {
  return page.getByRole('main').getByRole('button', { name, exact: true })
}

/** Does what asks for a note before. */
async function actWithNote(page, name, note) {
  await act(page, name).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.getByLabel('备注').fill(note)
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await settled(page)
}

/** The task can be taken by the next test. */
async function openAgain(page) {
  await actWithNote(page, '重新打开', `再来一次 ${RUN}`)
  await act(page, '接手').waitFor()
}

test('a steward takes a task, writes a note, closes it, and finds it among the closed ones', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '待办' }).click()
  await page.waitForURL('**/console/inbox**')
  await page.getByRole('heading', { level: 1, name: '待办' }).waitFor()
  const task = await openTask(page, '行被隔离')
  const title = await page.getByRole('heading', { level: 1 }).innerText()
  assert.equal(await page.title(), '待办事项 · 惠民')
  assert.equal(await act(page, '办结').count(), 0)
  await act(page, '接手').click()
  await page.getByText(`${STEWARD_NAME}（您）`).first().waitFor()
  await settled(page)
  assert.equal(await act(page, '接手').count(), 0)

  await act(page, '写备注').click()
  const dialog = page.getByRole('dialog', { name: '写备注' })
  await dialog.getByLabel('备注').waitFor()
  assert.ok(await dialog.getByRole('button', { name: '写备注', exact: true }).isDisabled())
  await assertAccessible(page, 'a note')
  await dialog.getByLabel('备注').fill(`已请来源部门更正 ${RUN}`)
  await dialog.getByRole('button', { name: '写备注', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('listitem').filter({ hasText: `已请来源部门更正 ${RUN}` }).waitFor()

  await page.getByRole('link', { name: '返回待办' }).click()
  await page.waitForURL(/\/console\/inbox\?.*show=open/)
  await page.getByRole('button', { name: '我接手的' }).click()
  await page.waitForURL(/show=mine/)
  await settled(page)
  await page.getByRole('button', { name: '所有已接手' }).click()
  await page.waitForURL(/show=taken/)
  await settled(page)
  const taken = page.locator('tbody tr', { has: page.locator(`a[href*="${new URL(task).pathname}"]`) })
  assert.ok((await taken.innerText()).includes(`${STEWARD_NAME}（您）`))
  assert.equal(await page.getByRole('main').getByRole('button', { name: '接手：' }).count(), 0)
  await page.locator(`tbody a[href*="${new URL(task).pathname}"]`).click()
  await page.waitForURL(/\/console\/inbox\/\d+/)
  await settled(page)
  await act(page, '办结').click()
  await page.getByRole('dialog', { name: '办结' }).getByRole('button', { name: '办结', exact: true }).click()
  await act(page, '重新打开').waitFor()
  await settled(page)

  await page.goto('/console/inbox?show=closed')
  await settled(page)
  // What was closed last comes first.
  const row = page.locator('tbody tr').first()
  assert.equal(await row.locator(`a[href*="${new URL(task).pathname}"]`).count(), 1)
  assert.ok((await row.innerText()).includes(title))
  assert.match(await row.innerText(), /已办结/)
  await page.goto(task)
  await settled(page)
  await openAgain(page)
})

test('a task leads to the rows that it is about', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await openTask(page, '行被隔离')
  await page.getByRole('link', { name: '查看这些隔离行' }).click()
  await page.waitForURL(/\/console\/quarantine\?.*dataset=/)
  assert.match(page.url(), /period=\d{4}-\d{2}/)
  await settled(page)
  assert.ok((await page.locator('tbody tr').count()) > 0)
})

test('who is slower is told so, and sees the task as it is now', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  const { page: other } = await openConsole(t, { as: steward })
  const task = await openTask(page, '行被隔离')
  await other.goto(task)
  await settled(other)
  await act(other, '接手').click()
  await act(other, '退回').waitFor()
  await act(page, '接手').click()
  await page.getByText('内容已被别人改过').waitFor()
  await act(page, '退回').waitFor()
  await settled(page)
  await page.getByRole('listitem').filter({ hasText: '接手' }).first().waitFor()
  await act(page, '退回').click()
  await page.getByRole('dialog', { name: '退回' }).getByRole('button', { name: '退回', exact: true }).click()
  await act(page, '接手').waitFor()
})

test('an inbox that fails to load shows the code and loads on retry; a task that does not exist says so', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  const mend = await failing(page, '**/api/v1/tasks?**', 500, 'INTERNAL')
  await page.goto('/console/inbox')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /INTERNAL/)
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('tbody tr').first().waitFor()
  await page.goto('/console/inbox/999999999')
  await alert.waitFor()
  assert.match(await alert.innerText(), /TASK-UNKNOWN/)
})

test('the inbox is the steward’s: others of the staff have none of these tasks, administrators no inbox', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/inbox')
  await page.getByText('没有待接手的事项').waitFor()
  const { page: office } = await openConsole(t, { as: security })
  await office.goto('/console/inbox')
  await office.getByRole('heading', { level: 1, name: '您不能查看“待办”' }).waitFor()
})

test('tasks are filtered by what is in the address, and nothing found says so', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.goto('/console/inbox')
  await settled(page)
  const all = await page.locator('tbody tr').count()
  await page.getByRole('combobox', { name: '类别' }).click()
  await choices(page).filter({ hasText: '隔离行' }).click()
  await page.waitForURL(/kind=quarantine/)
  const found = await page.locator('tbody th').allInnerTexts()
  assert.ok(found.length > 0 && found.length <= all)
  for (const title of found) assert.match(title, /行被隔离/)
  await page.goto('/console/inbox?kind=quarantine&due=later&period=2023-01')
  await settled(page)
  await page.getByText('没有符合筛选的事项').waitFor()
  await page.getByRole('button', { name: '清除筛选' }).click()
  await page.waitForURL((url) => !url.searchParams.has('kind'))
  assert.equal(await page.locator('tbody tr').count(), all)
})

test('the inbox is narrowed to a division, and says that the tasks of the city are not among these', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.goto('/console/inbox?division=440104')
  await settled(page)
  await page.getByText('只看越秀区').waitFor()
  await page.getByText('属于全市或其他区划的事项不在其中').waitFor()
  await page.getByRole('button', { name: '返回广州市全部' }).click()
  await page.waitForURL((url) => !url.searchParams.has('division'))
  await page.locator('tbody tr').first().waitFor()
})

test('the arrows lead from task to task', async (t) => {
  const { page } = await openConsole(t, { as: steward })
  await page.goto('/console/inbox')
  await settled(page)
  const links = page.locator('tbody th a')
  await links.nth(0).focus()
  await page.keyboard.press('ArrowDown')
  assert.ok(await links.nth(1).evaluate((link) => link === document.activeElement))
  await page.keyboard.press('ArrowUp')
  assert.ok(await links.nth(0).evaluate((link) => link === document.activeElement))
})

for (const width of [390, 1280]) {
  test(`the inbox and a task are accessible and no wider than a window of ${width} px`, async (t) => {
    const { page } = await openConsole(t, { width, height: 800, as: steward })
    for (const show of ['open', 'mine', 'taken', 'closed']) {
      await page.goto(`/console/inbox?show=${show}`)
      await settled(page)
      await assertNoSidewaysScroll(page, `${show} tasks`)
      await assertAccessible(page, `${show} tasks`)
    }
    await openTask(page, '行被隔离')
    await assertNoSidewaysScroll(page, 'a task')
    await assertAccessible(page, 'a task')
  })
}
