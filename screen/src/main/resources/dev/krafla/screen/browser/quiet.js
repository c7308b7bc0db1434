// Resolves with the milliseconds waited once nothing in the document has changed for quietMs and no
// short animation runs, at the latest after maxMs. Called on the document's isolated world.
(quietMs, maxMs) =>
  new Promise((done) => {
    const start = performance.now();
    let last = start;
    let observed = 0;
    const observer = new MutationObserver(() => {
      last = performance.now();
    });
    const what = { subtree: true, childList: true, characterData: true, attributes: true };
    const observe = (root) => {
      if (!root || observed > 200) return;
      observed++;
      observer.observe(root, what);
      for (const frame of root.querySelectorAll('iframe, frame')) {
        try {
          observe(frame.contentDocument);
        } catch {
          // of another origin: its own session waits for it
        }
      }
    };
    observe(document);
    const moving = () =>
      document.getAnimations().some((animation) => {
        if (animation.playState !== 'running' || !animation.effect) return false;
        const timing = animation.effect.getComputedTiming();
        return Number.isFinite(timing.endTime) && timing.endTime - (animation.currentTime ?? 0) < 1000;
      });
    const check = () => {
      const now = performance.now();
      if ((now - last >= quietMs && !moving()) || now - start >= maxMs) {
        observer.disconnect();
        done(now - start);
      } else {
        setTimeout(check, 5);
      }
    };
    let begun = false;
    const begin = () => {
      if (!begun) {
        begun = true;
        check();
      }
    };
    requestAnimationFrame(() => requestAnimationFrame(begin));
    setTimeout(begin, 60); // a page that is not drawn gets no frames
  })
