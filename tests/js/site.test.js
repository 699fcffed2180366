// What a widget of a saved page lives in: its model, and its bytes.

import assert from "node:assert/strict";
import test from "node:test";
import { Model, completed, decoded, same } from "../../convlab/site/site.js";

test("a trait that is set to what it was tells nobody, and one that changes tells each listener once", () => {
  const model = new Model({ place: [1, 2], spec: { stride: [2, 1] } });
  const heard = [];
  model.on("change:place", (from, value) => heard.push(["place", from === model, value]));
  model.on("change:place change:spec", () => heard.push("either"));
  model.on("change", () => heard.push("all"));
  model.set("place", [1, 2]);
  model.set({ place: [1, 2], spec: { stride: [2, 1] } });
  assert.deepEqual(heard, []);
  model.set({ place: [1, 3], spec: { stride: [2, 1] } });
  assert.deepEqual(heard, [["place", true, [1, 3]], "either", "all"]);
  assert.deepEqual(model.get("place"), [1, 3]);
});

test("a listener may set another trait, and may be taken off while it is told", () => {
  const model = new Model({ a: 1, b: 1 });
  const heard = [];
  const once = () => {
    model.off("change:a", once);
    model.set("b", model.get("a") + 1);
  };
  model.on("change:a", once);
  model.on("change:b", () => heard.push(model.get("b")));
  model.set("a", 5);
  model.set("a", 6);
  assert.deepEqual(heard, [6]);
  model.off();
  model.set("b", 0);
  assert.deepEqual(heard, [6]);
});

test("all values of a change are there before the first is told", () => {
  const model = new Model({ rows: 1, columns: 1 });
  let seen;
  model.on("change:rows", () => { seen = model.get("columns"); });
  model.set({ rows: 2, columns: 3 });
  assert.equal(seen, 3);
});

test("values are the same by what they hold, bytes by being the same bytes", () => {
  const bytes = new DataView(new ArrayBuffer(4));
  for (const [one, other, wanted] of [
    [1, 1, true], [NaN, NaN, true], [1, "1", false], [null, {}, false], [[], {}, false], [[1, [2]], [1, [2]], true],
    [[1], [1, 2], false], [{ a: 1 }, { b: 1 }, false], [{ a: undefined }, { b: 1 }, false], [bytes, bytes, true],
    [bytes, new DataView(new ArrayBuffer(4)), false], [{ a: { b: [0] } }, { a: { b: [0] } }, true],
  ]) assert.equal(same(one, other), wanted, JSON.stringify([one, other]));
});

test("what is sent to Python is heard by nobody, and saving asks for nothing", () => {
  const unheard = [];
  const model = new Model({}, (content) => unheard.push(content));
  model.send({ do: "train" });
  model.save_changes();
  assert.deepEqual(unheard, [{ do: "train" }]);
});

test("bytes come back to their places, from the page or from a file, and the page's own state stays as it was", async () => {
  const numbers = new Float32Array([1.5, -2, 7]);
  const text = btoa(String.fromCharCode(...new Uint8Array(numbers.buffer)));
  const entry = {
    state: { weight: { shape: [1, 3] }, name: "edges" },
    bytes: [{ path: ["weight", "data"], text }, { path: ["samples", "cat"], file: "assets/cat.bin" }],
  };
  const asked = [];
  const load = async (address) => {
    asked.push(address);
    return Uint8Array.of(9, 8).buffer;
  };
  const whole = await completed(entry, load);
  const { data } = whole.weight;
  assert.deepEqual([0, 4, 8].map((at) => data.getFloat32(at, true)), [1.5, -2, 7]);
  assert.deepEqual([whole.samples.cat.getUint8(0), whole.samples.cat.byteLength, asked], [9, 2, ["assets/cat.bin"]]);
  assert.deepEqual(entry.state, { weight: { shape: [1, 3] }, name: "edges" });
  assert.deepEqual([...decoded("/wA=")], [255, 0]);
});
