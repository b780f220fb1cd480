// npm run compatibility: writes the table of docs/compatibility.md from the results of the last `npm test`.
import { readFileSync, writeFileSync } from 'node:fs';
import { compatibility, withTable } from './compatibility.js';

const PAGE = 'docs/compatibility.md';
const { testResults } = JSON.parse(readFileSync('test-results.json', 'utf8'));
const table = compatibility(testResults);
if (!table) throw new Error('the last run lacks a backend: run `npm test` where Chromium is');
writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), table));
