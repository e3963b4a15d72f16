// Runs alert queries over recorded rows, parsed and checked by Microsoft's own language service:
// node run-alerts.mjs <folder of the package>. On standard input {queries: [{name, text, minutes}], rows, times}; prints {name: {faults, tables}}, a table
// for each time, of the rows that the window of so many minutes before it shows. What it does not know it refuses, as a fault.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const require = createRequire(resolve(process.argv[2], 'package.json'));
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { Bridge, Kusto } = globalThis;
const { KustoCode, GlobalState, Symbols } = Kusto.Language;

const schema = '(timestamp: datetime, name: string, value: real, valueCount: int, valueSum: real, valueMin: real, valueMax: real, customDimensions: dynamic)';
const database = new Symbols.DatabaseSymbol.$ctor3('insights', null, [new Symbols.TableSymbol.$ctor7('customMetrics', schema, null)], false);
const globals = GlobalState.Default.WithDatabase(database);

const kind = (node) => Bridge.getTypeName(node).replace('Kusto.Language.Syntax.', '').replace(/`.*/, '');
const text = (node) => node.ToString().trim();
const parts = (node) => Array.from({ length: node.ChildCount }, (_, i) => node.GetChild(i)).filter(Boolean);
const isToken = (node) => kind(node).startsWith('SyntaxToken');
const children = (node) => parts(node).filter((part) => !isToken(part));
const elements = (list) => children(list).map((separated) => children(separated)[0]);
const refuse = (node) => {
  throw new Error(`Not known here: ${kind(node)} ${text(node)}`);
};

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };
function literal(node) {
  const word = text(node);
  if (/^".*"$/.test(word)) return JSON.parse(word);
  if (/^\d+(\.\d+)?$/.test(word)) return Number(word);
  const span = /^(\d+)([dhms])$/.exec(word);
  return span ? Number(span[1]) * units[span[2]] : refuse(node);
}

const some = (f) => (a, b) => (a === null || b === null ? null : f(a, b));
const binary = {
  '==': some((a, b) => a === b), '!=': some((a, b) => a !== b),
  '>': some((a, b) => a > b), '<': some((a, b) => a < b), '>=': some((a, b) => a >= b), '<=': some((a, b) => a <= b),
  '+': some((a, b) => a + b), '-': some((a, b) => a - b), '*': some((a, b) => a * b), '/': some((a, b) => a / b),
  and: (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true),
  or: (a, b) => (a === true || b === true ? true : a === null || b === null ? null : false),
};
const scalar = {
  tostring: (a) => (a === null || a === undefined ? '' : String(a)),
  isnull: (a) => a === null,
  iff: (condition, yes, no) => (condition === true ? yes : no),
};

// A function of a row and of what stands around it: the time, and the values of let.
function expression(node) {
  const nodes = children(node);
  switch (kind(node)) {
    case 'LiteralExpression': {
      const value = literal(node);
      return () => value;
    }
    case 'ParenthesizedExpression':
      return expression(nodes[0]);
    case 'NameReference': {
      const name = text(node);
      return (row, around) => (name in row ? row[name] : around.values[name]);
    }
    case 'PathExpression': {
      const [of, name] = [expression(nodes[0]), text(nodes[1])];
      return (row, around) => of(row, around)?.[name] ?? null;
    }
    case 'BinaryExpression': {
      const f = binary[text(parts(node).find(isToken))] ?? refuse(node);
      const [left, right] = nodes.map(expression);
      return (row, around) => f(left(row, around), right(row, around));
    }
    case 'InExpression': {
      if (text(parts(node).find(isToken)) !== 'in') refuse(node);
      const of = expression(nodes[0]);
      const values = elements(children(nodes[1])[0]).map(expression);
      return (row, around) => values.some((value) => value(row, around) === of(row, around));
    }
    case 'FunctionCallExpression': {
      const name = text(nodes[0]);
      const given = elements(children(nodes[1])[0]).map(expression);
      if (name === 'now') return (_, around) => around.now;
      const f = scalar[name] ?? refuse(node);
      return (row, around) => f(...given.map((argument) => argument(row, around)));
    }
    default:
      return refuse(node);
  }
}

const named = (node) => (kind(node) === 'SimpleNamedExpression' ? [text(children(node)[0]), children(node)[1]] : [kind(node) === 'NameReference' ? text(node) : '', node]);
const fields = (nodes) => nodes.map((node) => named(node)).map(([name, of]) => [name || refuse(of), expression(of)]);
const extreme = (pick) => (values) => values.reduce((best, value) => (value === null ? best : best === null || pick(value, best) ? value : best), null);
const total = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);
const aggregates = { count: (values) => values.length, sum: total, sumif: total, min: extreme((a, b) => a < b), max: extreme((a, b) => a > b) };

function aggregate(node) {
  const [name, call] = named(node);
  if (kind(call) !== 'FunctionCallExpression') refuse(call);
  const of = text(children(call)[0]);
  const f = aggregates[of] ?? refuse(call);
  const [value, condition] = elements(children(children(call)[1])[0]).map(expression);
  return [name || of, (rows, around) =>
    f(rows.filter((row) => !condition || condition(row, around) === true).map((row) => (value ? value(row, around) : 1)))];
}

function operator(node) {
  const nodes = children(node).filter((child) => kind(child) !== 'SyntaxList' || elements(child).length > 0);
  switch (kind(node)) {
    case 'FilterOperator': {
      const condition = expression(nodes[0]);
      return (rows, around) => rows.filter((row) => condition(row, around) === true);
    }
    case 'ExtendOperator':
    case 'ProjectOperator': {
      const made = fields(elements(nodes[0]));
      const keeps = kind(node) === 'ExtendOperator';
      return (rows, around) => rows.map((row) => ({ ...(keeps ? row : {}), ...Object.fromEntries(made.map(([name, of]) => [name, of(row, around)])) }));
    }
    case 'SummarizeOperator': {
      const made = elements(nodes[0]).map(aggregate);
      const by = nodes[1] ? fields(elements(children(nodes[1])[0])) : [];
      return (rows, around) => {
        // Of no rows, summarize without groups makes one.
        const groups = new Map(by.length === 0 ? [['[]', { keys: {}, rows: [] }]] : []);
        for (const row of rows) {
          const keys = Object.fromEntries(by.map(([name, of]) => [name, of(row, around)]));
          const key = JSON.stringify(Object.values(keys));
          if (!groups.has(key)) groups.set(key, { keys, rows: [] });
          groups.get(key).rows.push(row);
        }
        return [...groups.values()].map((group) => ({ ...group.keys, ...Object.fromEntries(made.map(([name, of]) => [name, of(group.rows, around)])) }));
      };
    }
    default:
      return refuse(node);
  }
}

function table(node) {
  if (kind(node) === 'NameReference') {
    const name = text(node);
    return (around) => around.tables[name];
  }
  if (kind(node) !== 'PipeExpression') refuse(node);
  const [from, by] = children(node);
  const [rows, f] = [table(from), operator(by)];
  return (around) => f(rows(around), around);
}

function statement(node) {
  if (kind(node) === 'ExpressionStatement') {
    const rows = table(children(node)[0]);
    return (around) => rows(around);
  }
  if (kind(node) !== 'LetStatement') refuse(node);
  const [name, of] = children(node);
  if (kind(of) !== 'ToScalarExpression') {
    const rows = table(of);
    return (around) => void (around.tables[text(name)] = rows(around));
  }
  const rows = table(children(of)[0]);
  return (around) => void (around.values[text(name)] = Object.values(rows(around)[0] ?? { none: null })[0]);
}

function run({ text: query, minutes }, rows, times) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const found = code.GetDiagnostics();
  const faults = Array.from({ length: found.Count }, (_, i) => found.getItem(i).Message);
  if (faults.length > 0) return { faults, tables: [] };
  const statements = elements(children(code.Syntax).at(-1)).map(statement);
  const tables = times.map((now) => {
    const seen = rows.filter((row) => row.timestamp > now - minutes * units.m && row.timestamp <= now);
    const around = { now, tables: { customMetrics: seen }, values: {} };
    return statements.map((f) => f(around)).at(-1);
  });
  return { faults, tables };
}

const input = JSON.parse(readFileSync(0, 'utf8'));
const answers = input.queries.map((query) => {
  try {
    return [query.name, run(query, input.rows, input.times)];
  } catch (e) {
    return [query.name, { faults: [e.message], tables: [] }];
  }
});
console.log(JSON.stringify(Object.fromEntries(answers)));
