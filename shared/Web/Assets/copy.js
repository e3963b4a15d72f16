// Copies the value that stands beside the button. Without a clipboard, as on an address that is not secure, there are no buttons.
const status = document.querySelector('[data-copied]');
if (navigator.clipboard) {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const row = button.closest('.copied');
      const label = row.querySelector('dt').textContent;
      try {
        await navigator.clipboard.writeText(row.querySelector('[data-value]').textContent);
        row.classList.add('done');
        status.textContent = `${label} is copied.`;
      } catch {
        status.textContent = `${label} could not be copied. Select it and copy it.`;
      }
    });
  }
}
