// A client of the Model Context Protocol that is not ours: node mcp-client.mjs <folder with node_modules> <address of the server> <API key>. Standard input is a JSON list
// of calls, {"name", "arguments"}; "$1.id" in an argument is the id that the first answer has. Standard output is what the server says of itself, its tools, and the answers.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const [home, address, key] = process.argv.slice(2);
const require = createRequire(resolve(home, 'package.json'));
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');

const client = new Client({ name: 'test', version: '1' });
const complaints = [];
client.onerror = error => complaints.push(String(error));
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', address), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
const { tools } = await client.listTools();
const answers = [];
for (const call of JSON.parse(await text(process.stdin))) {
  const filled = JSON.stringify(call).replace(/\$(\d+)\.(\w+)/g, (_, number, name) => answers[number - 1].structuredContent[name].replaceAll('"', '\\"'));
  answers.push(await client.callTool(JSON.parse(filled)));
}

console.log(JSON.stringify({ server: client.getServerVersion(), instructions: client.getInstructions(), tools, answers, complaints }));
await client.close();
