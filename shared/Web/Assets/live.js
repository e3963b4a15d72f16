// What has the focus in a part, by what it leads to.
function focusIn(part) {
  const element = part.contains(document.activeElement) ? document.activeElement : null;
  const attribute = ['href', 'formaction'].find(name => element?.hasAttribute(name));
  return attribute ? [element.getAttribute(attribute), attribute] : [null, null];
}

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
    const [focused, attribute] = focusIn(part);
    const isOpen = part.querySelector('details.as-table')?.open;
    part.replaceWith(next);
    part = next;
    if (isOpen) next.querySelector('details.as-table')?.setAttribute('open', '');
    if (focused) [...next.querySelectorAll(`[${attribute}]`)].find(other => other.getAttribute(attribute) === focused)?.focus();
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

prepareCharts(document);
document.querySelectorAll('[data-live]').forEach(follow);
