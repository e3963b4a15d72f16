// Lines are looked at one by one, a few at once, and each answer is shown as it arrives.

const form = document.querySelector('[data-look]');
const connect = document.getElementById('connect');
const found = document.getElementById('found');
const headline = document.getElementById('headline');
const status = connect.querySelector('[role=status]');
const atOnce = 4;
let round = 0;

const boxes = () => [...found.querySelectorAll('input[name=place]:not(:disabled)')];
const placesOf = count => (count === 1 ? '1 place' : `${count} places`);

function count() {
  const chosen = boxes().filter(box => box.checked).length;
  const button = connect.querySelector('.button.main');
  button.textContent = `Connect ${placesOf(chosen)}`;
  button.disabled = chosen === 0;
  button.parentElement.hidden = boxes().length === 0;
}

function waiting(line) {
  const section = document.getElementById('looking').content.firstElementChild.cloneNode(true);
  section.querySelector('bdi').textContent = line;
  return section;
}

function unreachable(line) {
  const section = document.getElementById('unreachable').content.firstElementChild.cloneNode(true);
  section.querySelector('bdi').textContent = line;
  return [section];
}

async function look(line) {
  const body = new URLSearchParams({ csrf: form.elements.csrf.value, places: line });
  try {
    const answer = await fetch('/connections/look/line', { method: 'POST', body });
    if (answer.redirected) return location.reload();
    if (answer.ok) return [...new DOMParser().parseFromString(await answer.text(), 'text/html').body.children];
  } catch {
    // The line stays, with what to try.
  }
  return unreachable(line);
}

form.addEventListener('submit', async event => {
  const lines = [...new Set(form.elements.places.value.split('\n').map(line => line.trim()).filter(line => line))];
  if (lines.length === 0 || lines.length > Number(form.dataset.look)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const mine = ++round;
  const sections = lines.map(waiting);
  found.replaceChildren(...sections);
  connect.hidden = false;
  document.querySelector('.accounts')?.remove();
  count();
  let done = 0;
  const say = () => {
    const [all, ok] = [found.querySelectorAll('.found').length, found.querySelectorAll('input[name=place]').length];
    headline.textContent = done < lines.length ? `Looking at ${placesOf(lines.length)}, ${done} answered` : `${ok} of ${placesOf(all)} found`;
  };
  say();
  const queue = lines.map((line, at) => [line, sections[at]]);
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [line, section] = next;
      const answer = await look(line);
      if (mine !== round || !answer) return;
      section.replaceWith(...answer);
      done++;
      say();
      count();
    }
  }));
  if (mine !== round) return;
  status.textContent = headline.textContent;
  form.querySelector('button span').textContent = 'Look again';
  form.querySelector('button').classList.toggle('main', boxes().length === 0);
}, true);

// Who chooses whose posts to take wants the place.
found.addEventListener('change', event => {
  const section = event.target.closest('.found');
  if (event.target.matches('select')) section.querySelector('input[name=place]').checked = true;
  else if (!event.target.checked && section.querySelector('select')) section.querySelector('select').value = '';
  count();
});

form.elements.places.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
form.querySelector('[data-keys-hint]').hidden = false;

// A file is opened once it is chosen.
const file = document.getElementById('opml');
file.addEventListener('change', () => file.form.requestSubmit());

if (!connect.hidden) count();
