import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import ts from 'typescript-eslint'

// Every text that people read stands in src/locales, so that both languages stay complete.
const noCjkText = {
  meta: {
    type: 'problem',
    docs: { description: 'forbid CJK text outside the message files' },
    messages: { found: 'Text belongs in src/locales; found `{{text}}`.' },
    schema: [],
  },
  create(context) {
    return {
      Program(node) {
        const source = context.sourceCode
        for (const match of source.text.matchAll(/[\p{Script=Han}\u3000-\u303f\uff00-\uffef]+/gu)) {
          context.report({
            node,
            loc: { start: source.getLocFromIndex(match.index), end: source.getLocFromIndex(match.index + match[0].length) },
            messageId: 'found',
            data: { text: match[0] },
          })
        }
      },
    }
  },
}

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/schema.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,vue}'],
    extends: [...ts.configs.recommendedTypeChecked, ...vue.configs['flat/recommended']],
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: ts.parser,
        projectService: true,
        extraFileExtensions: ['.vue'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // `t` and its like of vue-i18n are declared as methods and used as functions.
      '@typescript-eslint/unbound-method': 'off',
      // TypeScript checks this, and knows the globals of the DOM.
      'no-undef': 'off',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-macros-order': 'error',
      'vue/no-bare-strings-in-template': ['error', { allowlist: ['·', '–', '—', '/', '=', '+', ':', '(', ')', '→', '←', '×', '✓', '!', '?', '…', 'HTTP', '404'] }],
      'vue/no-static-inline-styles': 'error',
      'vue/no-undef-components': 'error',
      'vue/no-unused-emit-declarations': 'error',
      'vue/prefer-true-attribute-shorthand': 'error',
      'vue/require-typed-ref': 'error',
      // Layout of the markup is left to the writer.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
      'vue/require-default-prop': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-indent': 'off',
      'vue/multiline-html-element-content-newline': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/locales/**', 'src/**/*.test.ts', 'src/**/fixtures.ts'],
    plugins: { huimin: { rules: { 'no-cjk-text': noCjkText } } },
    rules: { 'huimin/no-cjk-text': 'error' },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
)
