// On a field: focuses it and selects all that it holds. Answers whether it can be typed into.
function () {
  const element = this.nodeType === 1 ? this : this.parentElement;
  if (document.activeElement !== element) element.focus();
  if (typeof element.select === 'function') {
    element.select();
    return !element.readOnly && !element.disabled;
  }
  if (element.isContentEditable) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return true;
  }
  return false;
}
