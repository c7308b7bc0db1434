// On an element (or text): brings it into view and finds a point, in CSS pixels of its frame's viewport,
// where a click meets it. With x and y, checks that point (of an iframe's content) instead.
// Answers {gone}, {hidden}, {x, y, scaleX, scaleY} or {x, y, obscured: "tag…"}.
function (scroll, innerX, innerY) {
  const element = this.nodeType === 1 ? this : this.parentElement ?? this.getRootNode().host;
  if (!element || !element.isConnected) return { gone: true };
  const document = element.ownerDocument;
  const view = document.defaultView;
  if (!view) return { gone: true };
  const target = this.nodeType === 3 ? document.createRange() : element;
  if (this.nodeType === 3) target.selectNodeContents(this);
  const boxes = () => [...target.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
  let rects = boxes();
  if (rects.length === 0) return { hidden: true };

  const host = (node) => (node.parentNode instanceof ShadowRoot ? node.parentNode.host : node.parentNode);
  const within = (node, outer) => {
    for (let n = node; n; n = n.assignedSlot ?? host(n)) if (n === outer) return true;
    return false;
  };
  const hitAt = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit && hit.shadowRoot) {
      const deeper = hit.shadowRoot.elementFromPoint(x, y);
      if (!deeper || deeper === hit) break;
      hit = deeper;
    }
    return hit;
  };
  const outermost = () => {
    let n = element;
    for (let root = n.getRootNode(); root instanceof ShadowRoot; root = n.getRootNode()) n = root.host;
    return n;
  };
  const meets = (x, y) => {
    const hit = hitAt(x, y);
    if (!hit) return false;
    if (within(hit, element)) return true;
    const root = element.getRootNode();
    if (root instanceof ShadowRoot) { // a closed one: only from inside can it be asked
      const inner = root.elementFromPoint(x, y);
      if (inner && within(inner, element) && within(hit, outermost())) return true;
    }
    const label = hit.closest?.('label');
    if (label && (label.control === element || label === element.closest?.('label'))) return true;
    // inline text of a wrapped element: the block around it may be met between its lines
    return this.nodeType === 3 && within(element, hit);
  };
  const inside = (x, y) => x >= 0 && y >= 0 && x < view.innerWidth && y < view.innerHeight;

  if (innerX !== undefined) { // a point of an iframe's content
    const box = element.getBoundingClientRect();
    const scaleX = element.offsetWidth ? box.width / element.offsetWidth : 1;
    const scaleY = element.offsetHeight ? box.height / element.offsetHeight : 1;
    const style = view.getComputedStyle(element);
    const x = box.x + (element.clientLeft + parseFloat(style.paddingLeft) + innerX) * scaleX;
    const y = box.y + (element.clientTop + parseFloat(style.paddingTop) + innerY) * scaleY;
    const hit = hitAt(x, y);
    return hit === element ? { x, y } : { x, y, obscured: hit ? describe(hit) : '' };
  }

  const points = () => {
    const all = [];
    for (const r of rects) {
      const left = Math.max(r.left, 0), right = Math.min(r.right, view.innerWidth);
      const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, view.innerHeight);
      if (right <= left || bottom <= top) continue;
      for (const [fx, fy] of [[0.5, 0.5], [0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75], [0.08, 0.5], [0.92, 0.5]]) {
        all.push([left + (right - left) * fx, top + (bottom - top) * fy]);
      }
    }
    return all;
  };
  const search = () => {
    for (const [x, y] of points()) if (inside(x, y) && meets(x, y)) return { x, y };
    return null;
  };
  function describe(hit) {
    const words = (hit.getAttribute('aria-label') || hit.innerText || hit.id || String(hit.className?.baseVal ?? hit.className ?? ''))
      .trim().replace(/\s+/g, ' ').slice(0, 60);
    return hit.tagName.toLowerCase() + (words ? ' "' + words + '"' : '');
  }

  let found = search();
  if (!found && scroll) {
    for (const block of ['nearest', 'center', 'start']) {
      element.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
      rects = boxes();
      found = search();
      if (found) break;
    }
  }
  if (found) return found;
  const seen = points();
  if (seen.length === 0) return { hidden: true };
  const hit = hitAt(seen[0][0], seen[0][1]);
  return { x: seen[0][0], y: seen[0][1], obscured: hit ? describe(hit) : 'nothing' };
}
