// What is nicer with script. Every page does the same without it, by links and forms.

const typing = element => element.closest('input, textarea, select, [contenteditable]') !== null;

// Parts that change by themselves for a while.
async function follow(part) {
  let tag = null;
  while (part?.dataset.live) {
    await new Promise(done => setTimeout(done, 2000));
    if (document.hidden) continue;
    let answer;
    try {
      answer = await fetch(part.dataset.live, { headers: tag ? { 'If-None-Match': tag } : {}, cache: 'no-store' });
    } catch {
      continue; // The connection is gone; it may come back.
    }
    if (answer.status === 401 || answer.status === 403 || answer.redirected) return location.reload();
    if (!answer.ok) continue;
    tag = answer.headers.get('ETag');
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').body.firstElementChild;
    if (!next) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    const isOpen = part.querySelector('details.as-table')?.open;
    part.replaceWith(next);
    part = next;
    if (isOpen) next.querySelector('details.as-table')?.setAttribute('open', '');
    if (focused) [...next.querySelectorAll('a')].find(link => link.getAttribute('href') === focused)?.focus();
    prepareCharts(next);
  }
}

// In a chart, Tab stops once and arrow keys go on.
function prepareCharts(root) {
  for (const chart of root.querySelectorAll('svg[role=group]')) {
    const links = [...chart.querySelectorAll('a')];
    const place = link => { const box = link.querySelector('rect'); return [Number(box.getAttribute('x')), Number(box.getAttribute('y'))]; };
    chart.addEventListener('keydown', event => {
      const at = links.indexOf(event.target.closest('a'));
      if (at < 0) return;
      const [x, y] = place(links[at]);
      const others = links.filter((_, index) => index !== at).map(link => ({ link, x: place(link)[0] - x, y: place(link)[1] - y }));
      const towards = {
        ArrowRight: other => other.x > 0 && other.x * 10 + Math.abs(other.y),
        ArrowLeft: other => other.x < 0 && -other.x * 10 + Math.abs(other.y),
        ArrowDown: other => other.y > 0 && other.x === 0 && other.y,
        ArrowUp: other => other.y < 0 && other.x === 0 && -other.y,
      }[event.key];
      if (!towards) return;
      event.preventDefault();
      const next = others.filter(other => towards(other)).sort((a, b) => towards(a) - towards(b))[0]?.link;
      if (!next) return;
      links[at].setAttribute('tabindex', '-1');
      next.setAttribute('tabindex', '0');
      next.focus();
    });
  }
}

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
const pages = { h: '/', l: '/ledger', c: '/connections', d: '/digests' };
const help = document.getElementById('keyboard');
const areOn = () => localStorage.getItem('keys') !== 'off';
let isGoing = false;

function step(by) {
  const links = [...document.querySelectorAll('.entry .title')];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))].focus();
}

// In a list, E, P and N are about the entry that has the focus.
function actOnRow(key) {
  const row = document.activeElement?.closest('.entry');
  if (!row) return false;
  if (key === 'e') location.assign(`${row.querySelector('.title').getAttribute('href')}/edit`);
  const pick = row.querySelector('.pick input');
  const button = pick && document.querySelector(`.several button[value="${{ p: row.querySelector('.chips')?.textContent.includes('private') ? 'public' : 'private', n: 'rejected' }[key]}"]`);
  if (!button) return key === 'e';
  document.querySelectorAll('.pick input:checked').forEach(other => { other.checked = false; });
  pick.checked = true;
  button.click();
  return true;
}

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    const menu = document.querySelector('.drop[open], .filter > details[open]');
    if (menu) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
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
  const toggle = help.querySelector('[data-toggle]');
  const say = () => { toggle.textContent = areOn() ? 'Turn these keys off' : 'Turn these keys on'; };
  opener.hidden = false;
  opener.addEventListener('click', () => help.showModal());
  toggle.addEventListener('click', () => { localStorage.setItem('keys', areOn() ? 'off' : 'on'); say(); });
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
const chooser = document.querySelector('[data-choose]');
if (chooser) {
  const boxes = [...document.querySelectorAll('.pick input')];
  const areAll = () => boxes.every(box => box.checked);
  const say = () => { chooser.textContent = areAll() ? 'Choose none' : 'Choose all'; };
  chooser.hidden = false;
  chooser.addEventListener('click', () => { const next = !areAll(); boxes.forEach(box => { box.checked = next; }); say(); });
  boxes.forEach(box => box.addEventListener('change', say));
}

prepareCharts(document);
document.querySelectorAll('[data-live]').forEach(follow);
