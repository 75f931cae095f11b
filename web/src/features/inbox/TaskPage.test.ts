import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Meta, TaskFile, TaskItem } from '@/api/types'
import { powers, session } from '@/app/stores/fixtures'
import { useMetaStore } from '@/app/stores/meta'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import TaskPage from './TaskPage.vue'

const meta: Meta = {
  city: { zh: '某市', en: 'Some City' },
  periods: ['2024-02', '2024-01'],
  code_version: '0.1.0',
  datasets: [{ id: 'vehicle', name: { zh: '机动车', en: 'Vehicles' }, department: { zh: '交警', en: 'Traffic police' } }],
  policies: [],
  districts: [],
  quarantine_codes: [],
}

function file(different: Partial<TaskItem> = {}): TaskFile {
  return {
    task: {
      task_id: 7,
      kind: 'quarantine',
      subject: 'delivery:d1',
      role: 'data_steward',
      division: '4401',
      division_name: { zh: '某市', en: 'Some City' },
      due_on: '2024-02-11',
      overdue: false,
      state: 'open',
      assignee: null,
      data: { period: '2024-01', dataset: 'vehicle', rows: 3 },
      version: 1,
      created_at: '2024-02-01T00:00:00Z',
      ...different,
    },
    history: [{ at: '2024-02-01T00:00:00Z', who: 'run', what: 'open', note: '' }],
  }
}

const asked: Request[] = []
const answers: [number, unknown][] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function open(first: TaskFile, ...actions: string[]): Promise<void> {
  useSessionStore().session = session({ powers: [powers(null, 'task.read', ...actions)] })
  answers.push([200, first])
  wrapper = mount(TaskPage, { props: { taskId: '7' }, global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const offered = (): string[] => wrapper.findAll('.buttons button').map((button) => button.text())

async function press(name: string, within: ParentNode = document): Promise<void> {
  const button = [...within.querySelectorAll('button')].find((each) => each.textContent.trim() === name)
  if (!button) throw new Error(`there is no button ${name}`)
  button.click()
  await flushPromises()
}

beforeEach(() => {
  asked.length = 0
  answers.length = 0
  vi.stubGlobal('fetch', (request: Request) => {
    // What the bell asks for after each act.
    if (new URL(request.url).pathname === '/api/v1/tasks') return Promise.resolve(Response.json({ tasks: [], next: null }))
    asked.push(request)
    const [status, body] = answers.shift() ?? [500, {}]
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }))
  })
  pinia = createPinia()
  setActivePinia(pinia)
  useMetaStore().meta = meta
  const page = { template: '<i />' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page, meta: { title: '' } },
      { path: '/inbox', name: 'inbox', component: page, meta: { title: '' } },
      { path: '/reviews', name: 'reviews', component: page, meta: { title: '', action: 'person.search' } },
      { path: '/quarantine', name: 'quarantine', component: page, meta: { title: '', action: 'quarantine.read' } },
    ],
  })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

describe('TaskPage', () => {
  it('says what is to be done and leads to the rows of that dataset and month', async () => {
    await open(file({ overdue: true }), 'task.work', 'quarantine.read')
    expect(wrapper.get('h1').text()).toBe('3 rows of Vehicles put aside, January 2024')
    expect(wrapper.text()).toContain('Overdue')
    expect(wrapper.get('a[href^="/quarantine"]').attributes('href')).toBe('/quarantine?period=2024-01&dataset=vehicle')
  })

  it('leads from pairs to the page that shows them, of that month', async () => {
    const pairs = { kind: 'link_review', subject: 'period:2024-01', data: { period: '2024-01', pairs: 2 } }
    await open(file(pairs), 'task.work', 'person.search')
    expect(wrapper.get('h1').text()).toBe('2 pairs of records that may be one person, January 2024')
    const link = wrapper.get('a[href^="/reviews"]')
    expect([link.attributes('href'), link.text()]).toEqual(['/reviews?period=2024-01', 'See the pairs'])
    wrapper.unmount()
    await open(file(pairs), 'task.work')
    expect(wrapper.find('a[href^="/reviews"]').exists()).toBe(false)
  })

  it('leads to no page that may not be seen', async () => {
    await open(file(), 'task.work')
    expect(wrapper.find('a[href^="/quarantine"]').exists()).toBe(false)
  })

  it('says who has it by name, and when it was closed', async () => {
    await open(file({ state: 'taken', assignee: 'li', assignee_name: '李' }))
    expect(wrapper.text()).toContain('Taken by李')
    expect(wrapper.text()).not.toContain('Closed')
    wrapper.unmount()
    await open(file({ state: 'done', assignee: 'wu', assignee_name: '吴', closed_at: '2024-02-09T02:00:00Z' }))
    expect(wrapper.text()).toContain('吴 (you)')
    expect(wrapper.text()).toContain('Closed2024-02-09')
  })

  it('offers what fits the state and whose it is', async () => {
    await open(file(), 'task.work')
    expect(offered()).toEqual(['Take', 'Write a note'])
    wrapper.unmount()
    await open(file({ state: 'taken', assignee: 'wu' }), 'task.work')
    expect(offered()).toEqual(['Done', 'Nothing to do', 'Give back', 'Write a note'])
    wrapper.unmount()
    await open(file({ state: 'taken', assignee: 'li' }), 'task.work')
    expect(offered()).toEqual(['Write a note'])
    wrapper.unmount()
    await open(file({ state: 'done', assignee: 'wu' }), 'task.work')
    expect(offered()).toEqual(['Open again', 'Write a note'])
  })

  it('offers nothing to those who only look on', async () => {
    await open(file())
    expect(offered()).toEqual([])
  })

  it('takes the task as it was read, and reads it again', async () => {
    await open(file({ version: 4 }), 'task.work')
    answers.push([200, file({ version: 5 })], [200, file({ state: 'taken', assignee: 'wu', version: 5 })])
    await press('Take')
    expect(asked[1]?.headers.get('if-match')).toBe('"4"')
    expect(await asked[1]?.json()).toEqual({ act: 'take', note: '' })
    expect(wrapper.text()).toContain('wu (you)')
  })

  it.each([
    [412, 'CHANGED', 'Somebody else has changed it meanwhile.'],
    [409, 'TASK-STATE', 'The task has changed its state meanwhile.'],
    [409, 'TASK-TAKEN', 'Somebody else has taken the task.'],
  ])('says that somebody was faster (%i %s), and reads it again', async (status, code, words) => {
    await open(file(), 'task.work')
    answers.push([status, { code }], [200, file({ state: 'taken', assignee: 'li', version: 2 })])
    await press('Take')
    expect(wrapper.get('.notice').text()).toContain(words)
    expect(offered()).toEqual(['Write a note'])
  })

  it('wants a note where one is needed, and keeps it when somebody was faster', async () => {
    await open(file({ state: 'done', assignee: 'li' }), 'task.work')
    await press('Open again')
    const dialog = (): Element => document.querySelector('[role=dialog]')!
    const submit = (): HTMLButtonElement => dialog().querySelector('button[type=submit]')!
    expect(submit().disabled).toBe(true)
    const box = dialog().querySelector('textarea')!
    box.value = 'more rows'
    box.dispatchEvent(new Event('input'))
    await flushPromises()
    expect(submit().disabled).toBe(false)
    answers.push([412, { code: 'CHANGED' }], [200, file({ state: 'open', version: 3 })])
    await press('Open again', dialog())
    expect(await asked[1]?.json()).toEqual({ act: 'reopen', note: 'more rows' })
    await press('Write a note')
    expect(document.querySelector<HTMLTextAreaElement>('[role=dialog] textarea')?.value).toBe('more rows')
  })
})
