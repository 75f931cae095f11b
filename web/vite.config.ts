import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import elementPlusStyles from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    vue(),
    // Adds the style of each Element Plus component that is imported, so that only those are shipped.
    elementPlusStyles({}),
  ],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
  },
  define: {
    // The composition API alone is used, and messages are interpreted, never compiled with eval,
    // because the server sends `script-src 'self'`.
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
  },
  build: {
    target: 'es2022',
    // A preload polyfill would be an inline script.
    modulePreload: { polyfill: false },
    // Data URLs would need exceptions in the content security policy.
    assetsInlineLimit: 0,
    // Swagger UI comes in one piece, and to one page only; charts are next, with 600 kB.
    chunkSizeWarningLimit: 1600,
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return 'charts'
          if (/node_modules\/(@vue|vue|vue-router|pinia|vue-i18n|@intlify)\//.test(id)) return 'vue'
          return undefined
        },
      },
    },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080' },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    css: false,
    // A thousand rows take seconds on a machine that compiles meanwhile.
    testTimeout: 30_000,
    server: { deps: { inline: ['element-plus'] } },
  },
})
