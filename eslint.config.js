import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom (README, "How it works"): each folder names what it must not reach for. */
const mayNotImport = (regex, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
});

export default defineConfig(
  { ignores: ['dist', 'coverage', 'demo'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-console': 'error',
    },
  },
  { files: ['src/core/**'], rules: mayNotImport('^(?!\\./)', 'core is pure: it imports only its own files') },
  {
    files: ['src/io/**'],
    rules: mayNotImport(
      '^(\\./|\\.\\./(?!core/))',
      'an edge knows one outside thing and the core: edges meet in main, as arguments',
    ),
  },
  {
    files: ['src/pkcs7/**'],
    rules: mayNotImport(
      '^(\\.\\./(?!core/)|node:(fs|net|http|timers|worker))',
      'a signature is judged by its bytes alone',
    ),
  },
  {
    files: ['src/*.ts', 'src/{plan,pace}/**'],
    ignores: ['src/{main,bin}.ts'],
    rules: mayNotImport(
      '/(io|pkcs7|cli|simulator|commands)/|/(main|bin)\\.js$',
      'the batch gets its edges as arguments',
    ),
  },
  {
    files: ['src/cli/**'],
    rules: mayNotImport(
      '/(io|pkcs7|plan|simulator|commands)/|/(main|bin|run)\\.js$',
      'words in and out: it knows the core alone',
    ),
  },
  {
    files: ['src/commands/**'],
    rules: mayNotImport('/(main|bin)\\.js$', 'nothing imports main'),
  },
  {
    files: ['src/simulator/**'],
    rules: mayNotImport(
      '/(io|pkcs7|cli)/|/main\\.js$|/run\\.js$',
      'the simulator judges the client: it shares only the core tables',
    ),
  },
  {
    files: ['test/**'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
);
