// An OAuth server that is not ours, and behind it the APIs of GitHub and YouTube for one account: node oauth-server.mjs FOLDER, where FOLDER holds
// node_modules. It says its port in one line of JSON. Then each line of its standard input is a command, answered by one line of JSON.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// It says that its pages are meant for development.
console.info = console.warn = () => {};
const load = createRequire(process.argv[2] + '/');
const { default: Provider, interactionPolicy } = await import(pathToFileURL(load.resolve('oidc-provider')));
const youtubeScope = 'https://www.googleapis.com/auth/youtube.readonly';
const publicScope = 'public';
const minutes = count => count * 60;

const kept = new Map();
const fresh = () => ({ site: 'http://127.0.0.1:1', renews: false, isDown: false, isHolding: false, refreshes: 0, reads: [] });
let state = fresh();

// What the server keeps, in memory.
class Store {
  constructor(model) { this.model = model; }
  key(id) { return `${this.model} ${id}`; }
  async upsert(id, payload) { kept.set(this.key(id), { ...payload }); }
  async find(id) { return this.model === 'Client' ? client(id) : kept.get(this.key(id)); }
  async findByUid(uid) { return [...kept].find(([key, payload]) => key.startsWith(this.key('')) && payload.uid === uid)?.[1]; }
  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId(id) { drop(payload => payload.grantId === id); }
}

function drop(isDropped) {
  for (const [key, payload] of kept) if (isDropped(payload, key)) kept.delete(key);
}

const client = id => ['github', 'youtube'].includes(id) ? {
  client_id: id,
  client_secret: `the-secret-of-${id}`,
  redirect_uris: [`${state.site}/auth/${id}/callback`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
} : undefined;

// Everybody is asked each time.
const policy = interactionPolicy.base();
policy.get('consent').checks.add(new interactionPolicy.Check(
  'asked', 'the person is asked', ctx => ctx.oidc.result?.consent ? interactionPolicy.Check.NO_NEED_TO_PROMPT : interactionPolicy.Check.REQUEST_PROMPT));

function oauth(issuer) {
  const provider = new Provider(issuer, {
    adapter: Store,
    scopes: [youtubeScope, publicScope],
    routes: { authorization: '/authorize', token: '/token' },
    pkce: { required: () => true },
    interactions: { policy },
    cookies: { keys: ['a key of the tests'] },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: (ctx, client) => client.clientId === 'youtube' || state.renews,
    rotateRefreshToken: true,
    ttl: { AccessToken: minutes(60), AuthorizationCode: minutes(1), Grant: minutes(600), Interaction: minutes(60), RefreshToken: minutes(600), Session: minutes(600) },
  });
  provider.use(async (ctx, next) => {
    await next();
    const back = ctx.response.get('location') ?? '';
    if (state.isHolding && back.startsWith(state.site)) {
      ctx.status = 200;
      ctx.body = `<a href="${back.replaceAll('&', '&amp;')}">Back</a>`;
    }
    if (ctx.path !== '/token') return;
    const { client, params } = ctx.oidc ?? {};
    if (params?.grant_type === 'refresh_token') state.refreshes++;
    if (client?.clientId !== 'github') return;
    // GitHub says what is wrong with status 200, and its tokens do not expire unless an app asks for that.
    if (ctx.body?.error) ctx.status = 200;
    if (!state.renews) delete ctx.body.expires_in;
    if (ctx.body.scope === publicScope) ctx.body.scope = '';
  });
  provider.on('server_error', (ctx, error) => console.error(error));
  return provider;
}

const at = ago => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 19) + 'Z';
const titles = ['Close the archive before it is renamed', 'Read the tide tables in UTC', 'Say which mooring is taken'];
const site = 'https://hub.example';

const pull = (title, i) => ({
  number: 11 + i, title, url: `${site}/quayside/moorings/pull/${11 + i}`, state: i === 0 ? 'OPEN' : 'MERGED', createdAt: at(40 * (i + 1)), updatedAt: at(40 * (i + 1) - 2),
  additions: 12, deletions: 3, changedFiles: 2, labels: { nodes: [] }, timelineItems: { nodes: [] },
  repository: {
    databaseId: 900, nameWithOwner: 'quayside/moorings', url: `${site}/quayside/moorings`, isPrivate: false, stargazerCount: 120,
    primaryLanguage: { name: 'C#' }, repositoryTopics: { nodes: [] },
  },
});

function pulls({ first, after, field, direction }) {
  const sorted = titles.map(pull).sort((a, b) => (field === 'UPDATED_AT' ? a.updatedAt < b.updatedAt : a.createdAt < b.createdAt) ? -1 : 1);
  if (direction === 'DESC') sorted.reverse();
  const end = Number(after ?? 0) + first;
  return { totalCount: sorted.length, pageInfo: { hasNextPage: end < sorted.length, endCursor: String(end) }, nodes: sorted.slice(end - first, end) };
}

const channel = { id: 'UCjunaJunaJunaJunaJuna_1', snippet: { title: 'Juna at Sea', description: 'Small boats, slowly.' } };
const films = ['Knots for cold hands', 'A quiet harbour'].map((title, i) => ({
  id: `filmfilm00${i}`, snippet: { publishedAt: at(30 * (i + 1)), channelId: channel.id, title, description: '', channelTitle: channel.snippet.title, liveBroadcastContent: 'none' },
  contentDetails: { duration: 'PT5M' }, status: { privacyStatus: 'public', uploadStatus: 'processed' }, statistics: { viewCount: '90' },
}));
const uploads = films.map(film => ({
  snippet: { publishedAt: film.snippet.publishedAt }, contentDetails: { videoId: film.id, videoPublishedAt: film.snippet.publishedAt }, status: { privacyStatus: 'public' },
}));
const list = items => [200, { pageInfo: { totalResults: items.length, resultsPerPage: items.length }, items }];

const idOf = login => login === 'juna' ? 4711 : 4712;
const github = {
  'GET /github/user': login => [200, { id: idOf(login), login, name: 'Juna Ek', type: 'User', html_url: `${site}/${login}` }],
  'POST /github/graphql': (login, query, body) => [200, { data: {
    rateLimit: { cost: 1, remaining: 4990, resetAt: at(-1) },
    user: { databaseId: idOf(login), login, name: 'Juna Ek', url: `${site}/${login}`, pullRequests: pulls(JSON.parse(body).variables) },
  } }],
};
const youtube = {
  'GET /youtube/v3/channels': (login, query) => list(query.get('mine') === 'true' || query.get('id') === channel.id ? [channel] : []),
  'GET /youtube/v3/playlistItems': () => list(uploads),
  'GET /youtube/v3/videos': (login, query) => list(films.filter(film => query.get('id').split(',').includes(film.id))),
};

// Only for who brings a token that the OAuth server gave, and knows still.
async function api(provider, request, address, body) {
  const what = `${request.method} ${address.pathname}`;
  const name = address.pathname.split('/')[1];
  const token = await provider.AccessToken.find(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? 'none');
  if (!token || token.clientId !== name) return [401, { message: 'Bad credentials', error: { code: 401, errors: [{ reason: 'authError' }] } }];
  if (name === 'youtube' && !token.scopes.has(youtubeScope)) return [403, { error: { code: 403, errors: [{ reason: 'insufficientPermissions' }] } }];
  const answer = { ...github, ...youtube }[what]?.(token.accountId, address.searchParams, body);
  if (answer) state.reads.push(what);
  return answer ?? [404, { message: 'Not Found' }];
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const server = createServer();
await new Promise(done => server.listen(0, '127.0.0.1', done));
const { port } = server.address();
const provider = oauth(`http://localhost:${port}`);
const answer = provider.callback();
server.on('request', async (request, response) => {
  const address = new URL(request.url, 'http://localhost');
  if (/^\/(github|youtube)\//.test(address.pathname)) {
    const [status, json] = await api(provider, request, address, await text(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  } else if (state.isDown && address.pathname === '/token') {
    response.writeHead(503).end();
  } else {
    // Who asks GitHub for no scope may read what is public; this server wants that named.
    if (address.pathname === '/authorize' && !address.searchParams.get('scope')) {
      address.searchParams.set('scope', publicScope);
      request.url = address.pathname + address.search;
    }
    answer(request, response);
  }
});

const commands = {
  reset: site => { kept.clear(); state = { ...fresh(), site }; },
  renew: () => { state.renews = true; },
  expire: () => drop((payload, key) => key.startsWith('AccessToken ')),
  revoke: () => drop((payload, key) => /^(AccessToken|RefreshToken|Grant) /.test(key)),
  down: () => { state.isDown = true; },
  up: () => { state.isDown = false; },
  hold: () => { state.isHolding = true; },
  seen: () => ({ refreshes: state.refreshes, reads: state.reads }),
};
const say = what => process.stdout.write(JSON.stringify(what) + '\n');
say({ port });
const input = createInterface({ input: process.stdin });
input.on('line', async line => {
  const [name, argument] = line.split(' ');
  say(await commands[name](argument) ?? {});
});
input.on('close', () => process.exit());
