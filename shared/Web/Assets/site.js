// What is nicer with script. Every page does the same without it, by links and forms.

const typing = element => element.closest('input, textarea, select, [contenteditable]') !== null;

// A form is sent once; its button says so.
document.addEventListener('submit', event => {
  const { target: form, submitter } = event;
  if (form.dataset.sent) return event.preventDefault();
  if (form.method !== 'post') return;
  form.dataset.sent = 'yes';
  submitter?.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => document.querySelectorAll('[data-sent]').forEach(form => {
  delete form.dataset.sent;
  form.querySelector('[aria-busy]')?.removeAttribute('aria-busy');
}));

// Menus close when something else is chosen.
document.addEventListener('click', event => {
  for (const menu of document.querySelectorAll('.drop[open], .filter > details[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Keys, unless they were turned off in this browser.
const pages = { h: '/', l: '/ledger', c: '/connections', p: '/programmes', d: '/digests' };
const help = document.getElementById('keyboard');
const areOn = () => localStorage.getItem('keys') !== 'off';
let isGoing = false;

function step(by) {
  const links = [...document.querySelectorAll('.entry .title')];
  if (links.length === 0) return;
  const open = links.findIndex(link => link.hasAttribute('aria-current'));
  const at = open >= 0 ? open : links.indexOf(document.activeElement);
  const next = links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.scrollIntoView({ block: 'nearest' });
  if (open >= 0) show(next.getAttribute('href'));
  else next.focus();
}

// On wide screens an entry opens beside the list, at the address that its own page has.
const detail = document.getElementById('detail');
const wide = matchMedia('(min-width: 62.5rem)');
const list = { href: location.href, title: document.title };

function mark(path) {
  document.querySelectorAll('.entry [aria-current]').forEach(link => link.removeAttribute('aria-current'));
  const link = path && document.querySelector(`.entry .title[href="${CSS.escape(path)}"]`);
  link?.setAttribute('aria-current', 'true');
  return link;
}

function close() {
  const link = document.querySelector('.entry [aria-current]');
  detail.hidden = true;
  detail.parentElement.classList.remove('open');
  document.title = list.title;
  mark(null);
  link?.focus();
}

// What a page says of an entry; if it is another page, that page is gone to.
async function put(request) {
  let answer;
  try {
    answer = await request;
  } catch {
    return false;
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const article = answer.ok && page.querySelector('article.contribution');
  if (!article) {
    location.assign(answer.url);
    return false;
  }
  const said = page.querySelector('.said[role=status]');
  detail.lastElementChild.replaceChildren(...[said, article].filter(part => part));
  detail.hidden = false;
  detail.parentElement.classList.add('open');
  document.title = page.title;
  const title = article.querySelector('h1');
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  detail.scrollTop = 0;
  return true;
}

async function show(path, isNew = true) {
  if (!await put(fetch(path))) return;
  if (isNew) history[document.querySelector('.entry [aria-current]') ? 'replaceState' : 'pushState'](null, '', path);
  mark(path);
}

// After a change the list may look different, or have one entry less.
async function renew() {
  const page = new DOMParser().parseFromString(await (await fetch(list.href)).text(), 'text/html');
  for (const part of ['.ledger-head', '#several']) {
    const [old, next] = [document.querySelector(part), page.querySelector(part)];
    if (!next) return location.assign(list.href);
    old.replaceWith(next);
  }
  prepareChooser();
  mark(location.pathname);
}

// A jump within the page, such as to its content, changes neither.
const where = () => location.pathname + location.search;
const loaded = where();

// Going back to a list from the page of an entry that was opened beside it: the browser changes the address alone.
if (!detail) {
  addEventListener('popstate', () => { if (where() !== loaded) location.reload(); });
}

if (detail) {
  document.addEventListener('click', event => {
    const link = event.target.closest('.month .title');
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    show(link.getAttribute('href'));
  });
  detail.addEventListener('click', event => {
    const by = Number(event.target.closest('[data-walk]')?.dataset.walk ?? NaN);
    if (by) step(by);
    else if (by === 0) history.back();
  });
  detail.addEventListener('submit', async event => {
    event.preventDefault();
    event.stopPropagation();
    const form = event.target;
    if (form.dataset.sent) return;
    form.dataset.sent = 'yes';
    event.submitter?.setAttribute('aria-busy', 'true');
    if (await put(fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)) }))) return renew();
    delete form.dataset.sent;
    event.submitter?.removeAttribute('aria-busy');
  });
  addEventListener('popstate', () => {
    if (where() !== loaded) show(location.pathname, false);
    else if (!detail.hidden) close();
  });
}

// An act on one entry of the list; the focus stays where it was.
async function actAlone(entry, act, place) {
  const form = document.getElementById('several');
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, return: form.elements.return.value, entry, do: act });
  const page = new DOMParser().parseFromString(await (await fetch(form.action, { method: 'POST', body })).text(), 'text/html');
  document.querySelector('main > .said')?.remove();
  const said = page.querySelector('main > .said');
  if (said) document.getElementById('content').prepend(said);
  await renew();
  const links = [...document.querySelectorAll('.entry .title')];
  (links.find(link => link.getAttribute('href') === `/ledger/${entry}`) ?? links[Math.min(place, links.length - 1)])?.focus();
}

// In a list, E, P and N are about the entry that has the focus.
function actOnRow(key) {
  const row = document.activeElement?.closest('.entry');
  if (!row) return false;
  if (key === 'e') location.assign(`${row.querySelector('.title').getAttribute('href')}/edit`);
  const pick = row.querySelector('label input');
  const button = pick && document.querySelector(`.several button[value="${{ p: row.querySelector('.chips')?.textContent.includes('private') ? 'public' : 'private', n: 'rejected' }[key]}"]`);
  if (!button) return key === 'e';
  const rows = [...document.querySelectorAll('.entry')];
  actAlone(pick.value, button.value, rows.indexOf(row));
  return true;
}

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    const menu = document.querySelector('.drop[open], .filter > details[open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (detail && !detail.hidden) history.back();
    return;
  }
  if (!areOn() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if (isGoing) {
    isGoing = false;
    if (pages[key]) location.assign(pages[key]);
    return;
  }
  if (key === 'g') isGoing = true;
  else if (key === 'j') step(1);
  else if (key === 'k') step(-1);
  else if (key === '?') help?.showModal();
  else if (key === '/') document.getElementById('find')?.focus();
  else if (actOnRow(key)) return event.preventDefault();
  else {
    const act = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!act) return;
    act.click();
  }
  event.preventDefault();
});

if (help) {
  const opener = document.querySelector('[data-keys]');
  const toggles = [...document.querySelectorAll('[data-toggle]')];
  const say = () => toggles.forEach(toggle => { toggle.textContent = areOn() ? 'Turn these keys off' : 'Turn these keys on'; });
  document.querySelector('[data-keys-setting]')?.removeAttribute('hidden');
  opener.hidden = false;
  opener.addEventListener('click', () => help.showModal());
  toggles.forEach(toggle => toggle.addEventListener('click', () => { localStorage.setItem('keys', areOn() ? 'off' : 'on'); say(); }));
  say();
}

// Whose days are counted in UTC is offered the zone of the browser.
const zoneForm = document.querySelector('[data-zone]');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zoneForm && zone && !['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'].includes(zone)) {
  zoneForm.elements.zone.value = zone;
  zoneForm.querySelector('strong').textContent = zone;
  zoneForm.hidden = false;
}

// All of a list at once.
function prepareChooser() {
  const chooser = document.querySelector('[data-choose]');
  if (!chooser) return;
  const boxes = [...document.querySelectorAll('.entry label input')];
  const areAll = () => boxes.every(box => box.checked);
  const say = () => { chooser.textContent = areAll() ? 'Choose none' : 'Choose all'; };
  chooser.hidden = false;
  chooser.addEventListener('click', () => { const next = !areAll(); boxes.forEach(box => { box.checked = next; }); say(); });
  boxes.forEach(box => box.addEventListener('change', say));
}

prepareChooser();
