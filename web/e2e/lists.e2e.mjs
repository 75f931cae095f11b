import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { choices, failing, openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

async function downloaded(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
}

/** An XLSX file is a ZIP archive. */
function assertWorkbook(bytes) {
  assert.equal(bytes.subarray(0, 2).toString('latin1'), 'PK')
}

test('the overview shows the run, the row accounts, decisions as chart and table, and the map', async (t) => {
  const { page } = await openConsole(t)
  await settled(page)
  await page.getByRole('heading', { name: '运行步骤' }).waitFor()
  assert.ok((await page.locator('.steps li').count()) >= 3)
  const accounts = page.getByRole('table', { name: '送数行数账' })
  assert.ok((await accounts.getByRole('row').count()) > 1)
  assert.equal(await accounts.getByText('不平', { exact: true }).count(), 0)
  await page.getByRole('table', { name: '按政策：判定与金额' }).waitFor()
  const districts = page.getByRole('table', { name: '按区：判定与金额' })
  assert.equal(await districts.locator('tbody tr').count(), 11)
  for (const chart of [/各政策/, /专题地图/, /各区对比/]) {
    await page.getByRole('img', { name: chart }).locator('canvas').first().waitFor()
  }
})

test('the period in the header decides what every page shows', async (t) => {
  const { page } = await openConsole(t)
  await settled(page)
  const picker = page.getByRole('combobox', { name: '所属期' })
  const periods = await picker.locator('option').evaluateAll((options) => options.map((option) => option.value))
  const oldest = periods.at(-1)
  await picker.selectOption(oldest)
  await page.waitForURL(`**/console/overview?period=${oldest}`)
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '三单' }).click()
  await page.waitForURL(`**/console/lists?period=${oldest}`)
})

test('the three lists agree: the summary closes and the tabs have as many items as it says', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists')
  await settled(page)
  await page.getByText('差异已全部说明').waitFor()
  for (const name of ['在册', '应发', '实发']) {
    await page.getByRole('button', { name, exact: true }).click()
    await settled(page)
    const total = await page.locator('.chain .total', { hasText: name }).locator('strong').innerText()
    const pager = page.getByRole('navigation', { name: '翻页' })
    if (total === '0') await page.getByText('这张清单是空的').waitFor()
    else assert.ok((await pager.innerText()).includes(`共 ${total} 条`), `${name}: ${await pager.innerText()} is not ${total}`)
  }
})

test('a policy filter leaves items of that policy alone, and the next page follows', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists?list=due')
  await settled(page)
  const policy = (await page.locator('tbody tr td .content').first().innerText()).trim()
  await page.getByRole('combobox', { name: '政策' }).click()
  await page.getByRole('option', { name: policy, exact: true }).click()
  await page.waitForURL(/policy=/)
  await settled(page)
  const shown = await page.locator('tbody tr td:nth-child(2) .content').allInnerTexts()
  assert.ok(shown.length > 0)
  for (const each of shown) assert.equal(each.trim(), policy)
  const next = page.getByRole('button', { name: '下一页' })
  if (await next.isEnabled()) {
    const before = await page.locator('tbody').innerText()
    await next.click()
    await page.getByText(/第 2 页/).waitFor()
    await settled(page)
    assert.notEqual(await page.locator('tbody').innerText(), before)
  }
})

test('a list is exported as a workbook', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists?list=due')
  await settled(page)
  const { name, bytes } = await downloaded(page, () => page.getByRole('button', { name: '导出 XLSX' }).click())
  assert.match(name, /^due-\d{4}-\d{2}\.xlsx$/)
  assertWorkbook(bytes)
})

test('quarantined rows have reasons, are filtered by dataset and exported', async (t) => {
  const { page } = await openConsole(t)
  // The first month: its full deliveries always have bad rows, a small month may have none.
  await page.goto('/console/quarantine?period=2024-01')
  await settled(page)
  // A dataset of which there is something: others may have had no bad row in this period.
  const place = await page.locator('tbody tr .place').first().innerText()
  await page.getByRole('combobox', { name: '数据集' }).click()
  await choices(page).first().waitFor()
  const datasets = (await choices(page).allInnerTexts()).map((name) => name.trim())
  const dataset = datasets.filter((name) => place.startsWith(name)).sort((one, other) => other.length - one.length)[0]
  assert.ok(dataset, `${place} is of none of ${datasets.join()}`)
  await choices(page).filter({ hasText: dataset }).first().click()
  await page.waitForURL(/dataset=/)
  await settled(page)
  assert.ok((await page.locator('tbody tr').count()) > 0)
  const { name, bytes } = await downloaded(page, () => page.getByRole('button', { name: '导出 XLSX' }).click())
  assert.match(name, /\.xlsx$/)
  assertWorkbook(bytes)
})

test('an export that fails says so with its code', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists')
  await settled(page)
  await failing(page, '**/api/v1/lists/export.xlsx**', 503, 'STORE-BUSY')
  await page.getByRole('button', { name: '导出 XLSX' }).click()
  await page.getByText(/导出失败（STORE-BUSY）/).waitFor()
})

test('a list that fails to load shows the code and loads on retry', async (t) => {
  const { page } = await openConsole(t)
  const mend = await failing(page, '**/api/v1/lists?**', 500, 'INTERNAL')
  await page.goto('/console/lists')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /INTERNAL/)
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('heading', { name: '勾稽' }).waitFor()
})

test('batches show their life, approvals and receipts', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/batches')
  await settled(page)
  assert.ok((await page.getByRole('list', { name: '批次进度' }).count()) > 0)
})
