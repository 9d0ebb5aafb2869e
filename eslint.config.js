import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', '.build-*', 'node_modules', '.lab', 'test/support/standin-mi/home', 'test/lab/files'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-undef': 'off', // the type checker knows names better
      'no-control-regex': 'off', // patterns for what foreign text must not hold are about control characters
      'no-unused-vars': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  // where generics end
  { files: ['src/core/change.ts', 'src/core/fact.ts', 'src/core/module.ts', 'src/facts/index.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['test/types.test-d.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  { files: ['test/**/*.mjs', '**/*.js'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
