// What the tests need inside JupyterLab's page: cells by id, runs that end, code for the kernel, draws counted.
(() => {
  const panel = () => {
    const current = window.jupyterapp?.shell.currentWidget;
    return current?.sessionContext && current.content?.widgets ? current : null;
  };
  const PATIENCE_MS = 20_000;
  const kernel = () => panel().sessionContext.session.kernel;
  const place = (id) => {
    const at = panel().content.widgets.findIndex((cell) => cell.model.id === id);
    if (at < 0) throw new Error(`No cell has the id ${id}.`);
    return at;
  };

  document.addEventListener("convlab:drawn", (event) => {
    event.target.convlabDraws = (event.target.convlabDraws ?? 0) + 1;
  }, true);

  let late = 0; // how often Python was not answered in time: what waited then waits no more

  /** What Python waits for: what `work` gives when it is data, within this many milliseconds. */
  function within(milliseconds, work) {
    let timer;
    const tooLate = new Promise((_, reject) => {
      timer = setTimeout(() => {
        late++;
        reject(new Error(`It was not done within ${milliseconds} ms.`));
      }, milliseconds);
    });
    return Promise.race([work, tooLate]).finally(() => { clearTimeout(timer); });
  }

  /** What JupyterLab keeps this notebook's widgets in, by its own renderer of widgets. */
  async function manager() {
    const renderer = panel().content.rendermime.createRenderer("application/vnd.jupyter.widget-view+json", {});
    try {
      return await renderer._manager.promise;
    } finally {
      renderer.dispose();
    }
  }

  async function until(holds, complaint, patience = PATIENCE_MS) {
    const last = Date.now() + patience, before = late;
    while (!holds()) {
      if (Date.now() > last || late !== before) throw new Error(complaint());
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  }

  /** What a widget has set and the kernel has not been sent: ipywidgets keeps it back while an answer is on its way. */
  const unsent = (model) => model.comm_live
    && (model._pending_msgs > 0 || model._msg_buffer !== null || Object.keys(model._buffered_state_diff).length > 0);

  async function allSent() {
    const models = await Promise.all(Object.values((await manager())._models));
    const words = (model) => `${model.name} (${Object.keys(model._buffered_state_diff)})`;
    const kept = () => models.filter(unsent);
    await until(() => kept().length === 0, () => `Kept from the kernel: ${kept().map(words).join("; ")}`);
  }

  /** Until the manager of widgets is there and has asked the kernel for those that it has: before that a widget is lost. */
  async function restored() {
    const widgets = await manager();
    await until(() => widgets.restoredStatus, () => "The widgets' manager did not come back.");
  }

  async function restart() {
    await panel().sessionContext.restartKernel();
    await restored();
    await atRest();
  }

  /** Runs code in the kernel, after all that the widgets have set: a test sees what the learner's next cell sees. */
  async function execute(code) {
    await allSent();
    const texts = [];
    let problem = null;
    const future = kernel().requestExecute({ code, store_history: false, stop_on_error: false });
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === "stream" && content.name === "stdout") texts.push(content.text);
      if (header.msg_type === "error") problem = content.traceback.join("\n").replace(/\x1b\[[0-9;]*m/g, "");
    };
    await future.done;
    if (problem) throw new Error(problem);
    return texts.join("");
  }

  const drawn = (at) => {
    const node = document.querySelector(`.jp-Notebook .jp-Cell[data-windowed-list-index="${at}"]`);
    return node !== null && node.getClientRects().length > 0;
  };

  const inView = (at) => {
    const frame = panel().content.node.getBoundingClientRect();
    const box = drawn(at) && panel().content.widgets[at].node.getBoundingClientRect();
    return box && box.top < frame.bottom && box.bottom > frame.top;
  };

  /** Scrolls down page by page until each cell has been in view: JupyterLab draws a cell when it comes into view. */
  async function lookAtAll() {
    const { content } = panel();
    for (let at = 0; at < content.widgets.length; at++) {
      if (inView(at)) continue;
      content.scrollToItem(at, "start");
      await until(() => drawn(at), () => `Cell ${at} did not come into view.`);
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
    }
  }

  const atRest = () => until(() => kernel()?.status === "idle", () => "The kernel did not come to rest.", Infinity);

  /** Runs a command of JupyterLab and waits until the kernel has nothing to do. */
  async function command(name, options) {
    await window.jupyterapp.commands.execute(name, options);
    await atRest();
  }

  window.convlabTest = {
    within,
    ready: () => {
      const here = panel();
      return Boolean(here?.context.isReady && here.sessionContext.isReady && here.content.widgets.length
        && here.sessionContext.session?.kernel?.status === "idle");
    },
    shown: () => panel()?.context.path,
    cells: () => panel().content.widgets.map((cell) => ({
      id: cell.model.id, type: cell.model.type, count: cell.model.executionCount ?? null,
      tags: cell.model.getMetadata("tags") ?? [], source: cell.model.sharedModel.getSource(),
    })),
    lookAtAll,
    /** Each error and warning in an output, as [cell's id, output]. */
    badOutputs: () => panel().content.widgets.filter((cell) => cell.model.type === "code").flatMap(({ model }) =>
      Array.from({ length: model.outputs.length }, (_, at) => model.outputs.get(at))
        .filter(({ type }) => type === "error" || type === "stream").map((output) => output.toJSON())
        .filter((output) => output.output_type === "error" || output.name === "stderr")
        .map((output) => [model.id, output])),
    place,
    count: (id) => panel().content.widgets[place(id)].model.executionCount ?? null,
    outputs: (id) => panel().content.widgets[place(id)].model.outputs?.toJSON() ?? [],
    show(id) {
      panel().content.activeCellIndex = place(id);
      return panel().content.scrollToItem(place(id), "smart");
    },
    replaceCells(pairs) {
      const { sharedModel } = panel().content.model;
      const blank = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
      sharedModel.transact(() => {
        sharedModel.deleteCellRange(0, sharedModel.cells.length);
        sharedModel.insertCells(0, pairs.map(([id, source]) => ({ ...blank, id, source })));
      });
      sharedModel.clearUndoHistory();
    },
    node: (id) => panel().content.widgets[place(id)].node,
    setSource: (id, source) => panel().content.widgets[place(id)].model.sharedModel.setSource(source),
    runCell(id) {
      panel().content.deselectAll();
      panel().content.activeCellIndex = place(id);
      return command("notebook:run-cell");
    },
    runAll: () => command("notebook:run-all-cells"),
    atRest,
    /** Takes its number from a cell, so that the next run shows: a kernel's first gives the number that was saved. */
    forgetCount(id) { panel().content.widgets[place(id)].model.executionCount = null; },
    restored,
    restart,
    save: async () => { await panel().context.save(); },
    /** After the splash of the change before, which JupyterLab would remove twice. */
    async theme(theme) {
      await until(() => !document.getElementById("jupyterlab-splash"), () => "JupyterLab's splash stayed.");
      await window.jupyterapp.commands.execute("apputils:change-theme", { theme });
    },
    execute,
  };
})();
