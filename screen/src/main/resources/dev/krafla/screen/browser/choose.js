// On a select: chooses options by label or value, exactly first, then without regard to case and spaces.
// Answers {chosen: [labels]}, {missing, options: [labels]} or {notSelect}.
function (wanted) {
  if (this.tagName !== 'SELECT') return { notSelect: true };
  const options = [...this.options];
  const plain = (s) => s.trim().replace(/\s+/g, ' ').toLowerCase();
  const picked = [];
  for (const want of wanted) {
    const enabled = options.filter((o) => !o.disabled && !o.closest('optgroup')?.disabled);
    const found =
      enabled.filter((o) => o.label === want || o.text === want || o.value === want)[0] ??
      enabled.filter((o) => plain(o.label) === plain(want) || plain(o.text) === plain(want))[0];
    if (!found) return { missing: want, options: enabled.slice(0, 40).map((o) => o.label) };
    picked.push(found);
  }
  if (!this.multiple && picked.length > 1) return { missing: 'more than one', options: [] };
  this.focus();
  const before = options.map((o) => o.selected).join();
  for (const option of options) option.selected = picked.includes(option);
  if (before !== options.map((o) => o.selected).join()) {
    this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    this.dispatchEvent(new Event('change', { bubbles: true }));
  }
  return { chosen: picked.map((o) => o.label) };
}
