// Reads an export on standard input with a library of others, and prints what it found as JSON:
// node read-export.mjs <folder of the packages> <format> [<JSON Schema>].
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [home, format, schema] = process.argv.slice(2);
const require = createRequire(resolve(home, 'package.json'));
const load = async (name) => {
  const module = await import(pathToFileURL(require.resolve(name)));
  return module.default ?? module;
};
const text = readFileSync(0, 'utf8');

const readers = {
  async atom() {
    return (await load('feedsmith')).parseAtomFeed(text);
  },

  async icalendar() {
    const ICAL = await load('ical.js');
    // RFC 7986 section 5.1, which the library does not know.
    ICAL.design.icalendar.property.name = { defaultType: 'text' };
    const calendar = new ICAL.Component(ICAL.parse(text));
    const time = (value) => value && { text: value.toString(), isDate: value.isDate };
    return {
      name: calendar.getFirstPropertyValue('name'),
      events: calendar.getAllSubcomponents('vevent').map((event) => ({
        properties: event.getAllProperties().map((property) => property.name),
        uid: event.getFirstPropertyValue('uid'),
        stamp: time(event.getFirstPropertyValue('dtstamp')),
        start: time(event.getFirstPropertyValue('dtstart')),
        end: time(event.getFirstPropertyValue('dtend')),
        summary: event.getFirstPropertyValue('summary'),
        url: event.getFirstPropertyValue('url'),
        description: event.getFirstPropertyValue('description'),
        categories: event.getFirstProperty('categories').getValues(),
        status: event.getFirstPropertyValue('status'),
        class: event.getFirstPropertyValue('class'),
        transp: event.getFirstPropertyValue('transp'),
      })),
    };
  },

  // As GitHub reads it: CommonMark with its extensions. Each heading and each list item is a list of its parts; a part with parts is told by their text.
  async markdown() {
    const { fromMarkdown } = await load('mdast-util-from-markdown');
    const { gfm } = await load('micromark-extension-gfm');
    const { gfmFromMarkdown } = await load('mdast-util-gfm');
    const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
    const plain = (node) => node.value ?? (node.children ?? []).map(plain).join('');
    const part = (node) => ({ type: node.type, text: plain(node), url: node.url, only: node.children?.every((child) => child.type === 'text') });
    return tree.children.flatMap((block) =>
      block.type === 'list'
        ? block.children.map((item) => ({ type: 'item', blocks: item.children.map((child) => child.type), parts: item.children[0].children.map(part) }))
        : [{ type: block.type, depth: block.depth, parts: block.children?.map(part) }]);
  },

  async yaml() {
    const { parseDocument } = await load('yaml');
    const document = parseDocument(text, { strict: true, uniqueKeys: true });
    return { faults: [...document.errors, ...document.warnings].map(String), value: document.toJS() };
  },

  // Against a JSON Schema (2020-12), formats included.
  async validation() {
    const Ajv = await load('ajv/dist/2020.js');
    const addFormats = await load('ajv-formats');
    const ajv = new (Ajv.default ?? Ajv)({ allErrors: true, strict: false });
    (addFormats.default ?? addFormats)(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
    return { isValid: validate(JSON.parse(text)), faults: (validate.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message}`) };
  },
};
console.log(JSON.stringify(await readers[format]()));
