// Resolves at the document's next change, at the latest after maxMs.
(maxMs) =>
  new Promise((done) => {
    const observer = new MutationObserver(() => finish(true));
    const finish = (changed) => {
      observer.disconnect();
      done(changed);
    };
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => finish(false), maxMs);
  })
