// Holds the query on standard input against a schema: node validate-query.mjs <folder of the graphql package> <schema file>.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [home, schemaFile] = process.argv.slice(2);
const { buildSchema, parse, validate } = createRequire(resolve(home, 'package.json'))('graphql');
const schema = buildSchema(readFileSync(schemaFile, 'utf8'), { assumeValidSDL: true });
const faults = validate(schema, parse(readFileSync(0, 'utf8')));
for (const fault of faults) console.error(fault.toString());
process.exit(faults.length === 0 ? 0 : 1);
