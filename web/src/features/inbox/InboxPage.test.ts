import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Meta, TaskItem } from '@/api/types'
import { powers, session } from '@/app/stores/fixtures'
import { useMetaStore } from '@/app/stores/meta'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import InboxPage from './InboxPage.vue'

const meta: Meta = { city: { zh: '某市', en: 'Some City' }, periods: [], code_version: '0.1.0', datasets: [], policies: [], districts: [], quarantine_codes: [] }

function task(task_id: number, different: Partial<TaskItem> = {}): TaskItem {
  return {
    task_id,
    kind: 'quarantine',
    subject: '',
    role: 'data_steward',
    division: '4401',
    division_name: { zh: '某市', en: 'Some City' },
    due_on: `2030-01-${String(task_id).padStart(2, '0')}`,
    overdue: false,
    state: 'open',
    assignee: null,
    data: { period: '2024-01', dataset: `set${String(task_id)}`, rows: 2 },
    version: 1,
    created_at: '2024-02-01T00:00:00Z',
    ...different,
  }
}

/** What the server has; pages of two tasks. */
let stored: TaskItem[]
/** What it answers to the next act. */
let act: [number, unknown]
const asked: Request[] = []
let endless = false
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

function answerTo(request: Request): Response {
  const url = new URL(request.url)
  if (request.method === 'POST') {
    const id = Number(url.pathname.split('/').at(-2))
    if (act[0] === 200) stored = stored.map((each) => (each.task_id === id ? { ...each, state: 'taken', assignee: 'wu' } : each))
    return Response.json(act[1], { status: act[0] })
  }
  if (endless) return Response.json({ tasks: Array.from({ length: 200 }, (_, at) => task(at + 1)), next: 'more' })
  const shown = url.searchParams.get('show')
  const within = url.searchParams.get('division') ?? ''
  const isShown = (each: TaskItem): boolean => {
    if (shown === 'open') return each.state === 'open'
    if (shown === 'closed') return each.state === 'done' || each.state === 'dropped'
    return each.state === 'taken' && (shown === 'taken' || each.assignee === 'wu')
  }
  const all = stored.filter((each) => isShown(each) && each.division.startsWith(within))
  const from = Number(url.searchParams.get('cursor') ?? 0)
  return Response.json({ tasks: all.slice(from, from + 2), next: from + 2 < all.length ? String(from + 2) : null })
}

async function open(address: string, ...actions: string[]): Promise<void> {
  useSessionStore().session = session({ powers: [powers(null, 'task.read', ...actions)] })
  await router.push(address)
  wrapper = mount(InboxPage, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const titles = () => wrapper.findAll('tbody th a').map((link) => link.text())

beforeEach(() => {
  stored = [task(1, { due_on: '2024-02-20', overdue: true }), task(2), task(3, { kind: 'link_review', data: { period: '2024-02', pairs: 1 } })]
  act = [200, {}]
  endless = false
  asked.length = 0
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request)
    return Promise.resolve(answerTo(request))
  })
  pinia = createPinia()
  setActivePinia(pinia)
  useMetaStore().meta = meta
  const page = { template: '<i />' }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/inbox', name: 'inbox', component: page, meta: { title: '' } },
      { path: '/inbox/:taskId', name: 'task', component: page, meta: { title: '' } },
    ],
  })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
})

describe('InboxPage', () => {
  it('reads all pages, and marks what is over its day', async () => {
    await open('/inbox')
    expect(titles()).toHaveLength(3)
    expect(wrapper.get('.counted').text()).toBe('3 tasks, 1 overdue')
    expect(wrapper.get('tbody tr').text()).toMatch(/Overdue by [\d,]+ days/)
  })

  it('filters by the address, says of how many, and leads back', async () => {
    await open('/inbox?kind=link_review')
    expect(titles()).toEqual(['1 pair of records that may be one person, February 2024'])
    expect(wrapper.get('.counted').text()).toBe('1 of 3 tasks')
    await router.push('/inbox?kind=link_review&due=overdue')
    await flushPromises()
    await wrapper.get('button.clear').trigger('click')
    await flushPromises()
    expect(titles()).toHaveLength(3)
    expect(router.currentRoute.value.query).toEqual({})
  })

  it('shows closed tasks in the order of the server with when they were closed, and no filter by a day that is past', async () => {
    stored = [
      task(2, { state: 'dropped', assignee: 'li', assignee_name: '李', closed_at: '2024-03-03T02:00:00Z' }),
      task(3, { state: 'done', assignee: 'wu', assignee_name: '吴', closed_at: '2024-03-02T02:00:00Z' }),
      task(1, { state: 'done', assignee: 'li', assignee_name: '李', closed_at: '2024-03-01T02:00:00Z' }),
    ]
    await open('/inbox?show=closed&due=overdue')
    expect(titles()).toEqual([2, 3, 1].map((at) => `2 rows of set${String(at)} put aside, January 2024`))
    expect(wrapper.get('tbody tr').text()).toContain('2024-03-03')
    await router.push('/inbox?show=closed&who=me')
    await flushPromises()
    expect(titles()).toEqual(['2 rows of set3 put aside, January 2024'])
  })

  it('shows what anybody has taken with their names, offers to take none, and filters by who', async () => {
    stored = [task(1, { state: 'taken', assignee: 'li', assignee_name: '李' }), task(2, { state: 'taken', assignee: 'wu', assignee_name: '吴' }), task(3)]
    await open('/inbox?show=taken', 'task.work')
    expect(wrapper.findAll('tbody tr').map((row) => row.text())).toEqual([expect.stringContaining('李'), expect.stringContaining('吴 (you)')])
    expect(wrapper.find('tbody tr button').exists()).toBe(false)
    await router.push('/inbox?show=taken&who=li')
    await flushPromises()
    expect(titles()).toEqual(['2 rows of set1 put aside, January 2024'])
    expect(wrapper.get('.counted').text()).toBe('1 of 2 tasks')
    // Of those to be taken nobody has one.
    await router.push('/inbox?show=open&who=li')
    await flushPromises()
    expect(titles()).toEqual(['2 rows of set3 put aside, January 2024'])
  })

  it('shows the tasks of the division that the console is narrowed to', async () => {
    stored = [task(1, { division: '440104001' }), task(2, { division: '440106' })]
    await open('/inbox?division=440104')
    expect(titles()).toEqual(['2 rows of set1 put aside, January 2024'])
    await router.push('/inbox')
    await flushPromises()
    expect(titles()).toHaveLength(2)
    expect(asked.map((request) => new URL(request.url).searchParams.get('division'))).toEqual(['440104', null])
  })

  it('takes a task in its row, and the keyboard goes on with the next', async () => {
    await open('/inbox', 'task.work')
    await wrapper.get('button[aria-label="Take: 2 rows of set2 put aside, January 2024"]').trigger('click')
    await flushPromises()
    expect(titles()).toHaveLength(2)
    expect(document.activeElement?.textContent).toContain('1 pair of records')
  })

  it('says that somebody was faster, and reads again', async () => {
    await open('/inbox', 'task.work')
    act = [409, { code: 'TASK-TAKEN' }]
    stored = stored.slice(1)
    await wrapper.get('tbody tr button').trigger('click')
    await flushPromises()
    expect(wrapper.get('.notice').text()).toContain('Somebody else has taken the task.')
    expect(titles()).toHaveLength(2)
  })

  it('offers nothing to those who only look on', async () => {
    await open('/inbox')
    expect(wrapper.find('tbody tr button').exists()).toBe(false)
  })

  it('leads from task to task by the arrows', async () => {
    await open('/inbox')
    const links = wrapper.findAll<HTMLElement>('tbody th a')
    links[0]?.element.focus()
    await links[0]?.trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(links[1]?.element)
    await links[1]?.trigger('keydown', { key: 'ArrowUp' })
    expect(document.activeElement).toBe(links[0]?.element)
  })

  it('stops reading at a thousand tasks, and says so', async () => {
    endless = true
    await open('/inbox')
    expect(asked.filter((request) => request.method === 'GET')).toHaveLength(5)
    expect(wrapper.text()).toContain('only the 1,000 that are due first are here')
    await router.push('/inbox?show=closed')
    await flushPromises()
    expect(wrapper.text()).toContain('only the 1,000 that were closed last are here')
  })

  it('says that there is nothing', async () => {
    stored = []
    await open('/inbox?show=mine')
    expect(wrapper.text()).toContain('You have taken no task')
    expect(wrapper.text()).not.toContain('Only one division is shown')
    await router.push('/inbox?show=mine&division=440104')
    await flushPromises()
    expect(wrapper.text()).toContain('Only one division is shown')
  })
})
