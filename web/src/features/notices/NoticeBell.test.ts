import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import type { Meta, Session, TaskItem } from '@/api/types'
import { powers, session } from '@/app/stores/fixtures'
import { useMetaStore } from '@/app/stores/meta'
import { useSessionStore } from '@/app/stores/session'
import { createMessages } from '@/locales'

import NoticeBell from './NoticeBell.vue'

const MINUTE = 60_000
const meta: Meta = { city: { zh: '某市', en: 'Some City' }, periods: [], code_version: '0.1.0', datasets: [], policies: [], districts: [], quarantine_codes: [] }

function task(task_id: number, different: Partial<TaskItem> = {}): TaskItem {
  return {
    task_id,
    kind: 'quarantine',
    subject: `delivery:${String(task_id)}`,
    role: 'data_steward',
    division: '4401',
    division_name: null,
    due_on: '2024-02-27',
    overdue: true,
    state: 'taken',
    assignee: 'wu',
    data: { period: '2024-01', dataset: 'vehicle', rows: 3 },
    version: 1,
    created_at: '2024-02-01T00:00:00Z',
    ...different,
  }
}

let mine: TaskItem[]
let open: TaskItem[]
let status: number
const asked: string[] = []
let pinia: Pinia
let router: Router
let wrapper: VueWrapper

async function show(as: Session = session({ powers: [powers(null, 'task.read')] })): Promise<void> {
  useSessionStore().session = as
  wrapper = mount(NoticeBell, { global: { plugins: [pinia, router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const button = () => wrapper.get('button.opener')
const said = () => wrapper.get('.visually-hidden').text()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.parse('2024-03-01T04:00:00Z') })
  mine = []
  open = []
  status = 200
  asked.length = 0
  vi.stubGlobal('fetch', (request: Request) => {
    const show = new URL(request.url).searchParams.get('show') ?? ''
    asked.push(show)
    const body = status === 200 ? { tasks: show === 'mine' ? mine : open, next: null } : { code: 'OVERLOADED' }
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
      { path: '/inbox/:taskId', name: 'task', component: page, meta: { title: '' } },
      { path: '/account', name: 'account', component: page, meta: { title: '' } },
    ],
  })
})
afterEach(() => {
  wrapper.unmount()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('NoticeBell', () => {
  it('says that nothing is to be done', async () => {
    await show()
    expect(button().attributes('aria-label')).toBe('Notifications: nothing needs you')
    expect(wrapper.find('.badge').exists()).toBe(false)
    await button().trigger('click')
    expect(wrapper.get('.sheet').text()).toContain('Nothing needs you now.')
  })

  it('counts, reads out, and leads to each thing', async () => {
    mine = [task(1), task(2, { due_on: '2024-03-02', overdue: false }), task(3, { due_on: '2024-04-01', overdue: false })]
    open = [task(4, { state: 'open', assignee: null })]
    await show()
    expect(wrapper.get('.badge').text()).toBe('3')
    expect(said()).toBe('Notifications: 3 things need you')
    await button().trigger('click')
    expect(wrapper.findAll('.sheet li').map((each) => each.text().replace(/\s+/g, ' '))).toEqual([
      '3 rows of vehicle put aside, January 20242024-02-27×Overdue by 3 days',
      '3 rows of vehicle put aside, January 20242024-03-02?1 day left',
      '1 overdue task that nobody has taken',
    ])
    expect(wrapper.findAll('.sheet a').map((each) => each.attributes('href'))).toEqual(['/inbox/1?show=mine', '/inbox/2?show=mine', '/inbox?show=open&due=overdue'])
  })

  it('asks each minute, and reads out only what comes', async () => {
    mine = [task(1)]
    await show()
    expect(asked).toEqual(['mine', 'open'])
    vi.advanceTimersByTime(MINUTE)
    await flushPromises()
    expect(asked).toHaveLength(4)
    mine = [task(1), task(2)]
    vi.advanceTimersByTime(MINUTE)
    await flushPromises()
    expect(said()).toBe('Notifications: 2 things need you')
    mine = []
    vi.advanceTimersByTime(MINUTE)
    await flushPromises()
    expect(said()).toBe('')
    expect(wrapper.find('.badge').exists()).toBe(false)
  })

  it('keeps what it knew when no answer comes, says so, and asks again', async () => {
    mine = [task(1)]
    await show()
    status = 503
    vi.advanceTimersByTime(MINUTE)
    await flushPromises()
    expect(wrapper.get('.badge').text()).toBe('1')
    await button().trigger('click')
    expect(wrapper.get('.failed').text()).toContain('OVERLOADED')
    status = 200
    await wrapper.get('.failed button').trigger('click')
    await flushPromises()
    expect(wrapper.find('.failed').exists()).toBe(false)
  })

  it('tells of what has to be done first, and asks for no tasks', async () => {
    await show(session({ first: 'change_password', powers: [powers(null, 'task.read')] }))
    expect(asked).toEqual([])
    await button().trigger('click')
    expect(wrapper.get('.sheet a').attributes('href')).toBe('/account')
    expect(wrapper.get('.sheet a').text()).toBe('Choose a password of your own')
  })

  it('asks for no tasks on behalf of those who have no inbox', async () => {
    await show(session({ powers: [powers(null, 'user.read')] }))
    expect(asked).toEqual([])
  })

  it('forgets the tasks of whoever was signed in before', async () => {
    mine = [task(1)]
    await show()
    status = 503
    useSessionStore().session = session({ user: { username: 'li', display_name: '李', roles: ['data_steward'], organisation: null }, powers: [powers(null, 'task.read')] })
    await flushPromises()
    expect(wrapper.find('.badge').exists()).toBe(false)
  })

  it('closes by the escape key and gives the keyboard back', async () => {
    await show()
    await button().trigger('click')
    expect(button().attributes('aria-expanded')).toBe('true')
    await button().trigger('keydown', { key: 'Escape' })
    expect(button().attributes('aria-expanded')).toBe('false')
    expect(document.activeElement).toBe(button().element)
  })
})
