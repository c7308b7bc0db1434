// On an input: sets its value past any framework's own setter and tells of it as the control would.
// Answers {value} as the field took it, or {notField}.
function (value) {
  if (!(this instanceof HTMLInputElement || this instanceof HTMLTextAreaElement)) return { notField: true };
  this.focus();
  const proto = this instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(proto, 'value').set.call(this, value);
  this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  this.dispatchEvent(new Event('change', { bubbles: true }));
  return { value: this.value };
}
