import { createPinia } from 'pinia'
import { createApp, watch } from 'vue'

import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import { nameLanguage, namePurpose, onCitizenUnauthorized, onUnauthorized } from './api/client'
import App from './app/App.vue'
import { createAppRouter } from './app/router'
import { useCitizenStore } from './app/stores/citizen'
import { useMetaStore } from './app/stores/meta'
import { useModesStore } from './app/stores/modes'
import { useSessionStore } from './app/stores/session'
import { i18n, showLocale } from './locales'

const pinia = createPinia()
const router = createAppRouter()
const app = createApp(App)
// Before anything is shown, so that nothing is seen in the other theme first.
useModesStore(pinia)
app.use(pinia).use(router).use(i18n)

namePurpose(() => useSessionStore(pinia).purpose)
nameLanguage(() => i18n.global.locale.value)
onUnauthorized(() => {
  useSessionStore(pinia).expire()
  useMetaStore(pinia).forget()
  const here = router.currentRoute.value
  if (here.name === 'sign-in') return
  void router.push({ name: 'sign-in', query: { next: here.fullPath, expired: '1' } })
})
onCitizenUnauthorized(() => {
  useCitizenStore(pinia).expire()
  if (router.currentRoute.value.meta.citizen) void router.push({ name: 'portal', query: { ended: '1' } })
})

function showTitle(): void {
  const { t } = i18n.global
  const title = router.currentRoute.value.meta.title as string | undefined
  document.title = title ? `${t(title)} · ${t('app.name')}` : t('app.name')
}

router.afterEach(showTitle)
// The portal is read on telephones and by old people: its type is larger, as the design tokens say.
router.afterEach((to) => {
  document.documentElement.dataset.place = to.meta.portal ? 'portal' : 'console'
})
watch(i18n.global.locale, showTitle)
showLocale(i18n.global.locale.value)

app.mount('#app')
