// What the benchmark measures inside the page: how long handlers run, and how long after an event the picture that
// it caused has been painted.
(() => {
  const bench = { begins: [], handlers: [], frames: [], layouts: [], drawn: 0 };
  window.convlabBench = bench;
  new PerformanceObserver((list) => {
    for (const { name, startTime, duration } of list.getEntries()) if (name === "convlab:handler") bench.handlers.push([startTime, duration]);
  }).observe({ entryTypes: ["measure"] });

  /** Calls back when what is drawn now has been painted: a task after the next frame. */
  const painted = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(performance.now());
    channel.port2.postMessage(0);
  });

  let since = null;
  for (const type of ["pointermove", "pointerover", "keydown"]) {
    document.addEventListener(type, (event) => { since ??= event.timeStamp; }, true);
  }
  const arrived = () => {
    bench.drawn++;
    if (since === null) return;
    const from = since;
    since = null;
    painted((now) => bench.frames.push(now - from));
  };
  document.addEventListener("convlab:drawn", arrived, true);

  // A new layout comes from Python as one message; widgets take it up at once or in a microtask, some of them draw it
  // in the next frame. What all this takes together is the cost of the layout.
  let work = 0;
  const counted = (task) => function counting(...given) {
    const start = performance.now(), before = bench.drawn;
    const result = task.apply(this, given);
    work += performance.now() - start;
    if (bench.drawn !== before) {
      bench.layouts.push([start, work]);
      work = 0;
    }
    return result;
  };
  for (const name of ["queueMicrotask", "requestAnimationFrame"]) {
    const plain = window[name].bind(window);
    window[name] = (task) => plain(counted(task));
  }

  /** From now on what a model takes up from Python is counted too: once for all models, which have one prototype. */
  bench.watchModels = async () => {
    const { rendermime } = window.jupyterapp.shell.currentWidget.content;
    const renderer = rendermime.createRenderer("application/vnd.jupyter.widget-view+json", {});
    const [model] = await Promise.all(Object.values((await renderer._manager.promise)._models));
    renderer.dispose();
    let owner = model;
    while (!Object.hasOwn(owner, "set_state")) owner = Object.getPrototypeOf(owner);
    if (!owner.convlabCounted) owner.set_state = counted(owner.set_state);
    owner.convlabCounted = true;
  };

  /**
   * A rival's picture is an <img>: from now on each new one, once it can be painted, counts as drawn. So does a widget
   * that comes into the page: it has been drawn before, where its event is not heard.
   */
  bench.watchNew = () => new MutationObserver(async (changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        const found = node.nodeType === 1 && (node.matches("img, .convlab") ? node : node.querySelector("img, .convlab"));
        if (!found) continue;
        if (found.matches("img")) await found.decode().catch(() => null);
        arrived();
      }
    }
  }).observe(document.querySelector(".jp-Notebook"), { childList: true, subtree: true });

  bench.clear = () => {
    since = null;
    for (const name of ["begins", "handlers", "frames", "layouts"]) bench[name].length = 0;
  };
  /** A new event is about to be sent; one that drew nothing (the pointer has not reached the next step) is forgotten. */
  bench.begin = () => {
    since = null;
    work = 0;
    bench.begins.push(performance.now());
  };
  /** The time until the next picture is painted, from this moment. */
  bench.next = () => new Promise((resolve) => {
    const from = performance.now();
    const before = bench.drawn;
    const look = () => (bench.drawn > before ? painted((now) => resolve(now - from)) : setTimeout(look, 2));
    look();
  });
})();
