// The arithmetic of Conv2d in the browser: sizes, refusals, forward, three gradients, columns, counts.
// Pure: no document, no model. Every number a widget draws comes from here, and the tests hold it
// against torch. Arrays are flat, row by row: input (N, C, H, W), weight (O, C / groups, kH, kW).

export const extent = (kernel, dilation) => dilation * (kernel - 1) + 1;

/** [[top, bottom], [left, right]] in pixels; "same" puts the odd pixel at the bottom and right. */
export function pads(spec) {
  if (spec.padding === "valid") return [[0, 0], [0, 0]];
  if (spec.padding === "same") {
    return [0, 1].map((axis) => {
      const total = extent(spec.kernel_size[axis], spec.dilation[axis]) - 1;
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
  }
  return spec.padding.map((p) => [p, p]);
}

/** Why PyTorch refuses this layer or this input: {torch, ours}, or null when it runs. */
export function problem(spec, shape) {
  return constructionProblem(spec) || forwardProblem(spec, shape);
}

const refuse = (torch, ours) => ({ torch, ours });

function constructionProblem(spec) {
  const { in_channels, out_channels, groups, padding, stride, padding_mode } = spec;
  if (groups < 1) return refuse("groups must be a positive integer", `groups is ${groups}: use 1 or more.`);
  for (const [name, channels] of [["in_channels", in_channels], ["out_channels", out_channels]]) {
    if (channels % groups) {
      return refuse(`${name} must be divisible by groups`,
        `Each group takes an equal share of the channels, and ${channels} does not divide into ${groups}.`);
    }
  }
  if (padding === "same" && (stride[0] !== 1 || stride[1] !== 1)) {
    return refuse("padding='same' is not supported for strided convolutions",
      "'same' keeps the size, which a larger stride cannot: use stride 1, or padding as a number.");
  }
  if (!["zeros", "reflect", "replicate", "circular"].includes(padding_mode)) {
    return refuse("padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, " +
      `but got padding_mode='${padding_mode}'`, "Choose one of the four.");
  }
  return null;
}

function forwardProblem(spec, shape) {
  const [C, H, W] = shape.slice(-3);
  if (![3, 4].includes(shape.length)) {
    return refuse("Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: " +
      `[${shape.join(", ")}]`, "The axes are (N, C_in, H, W), or (C_in, H, W) without a batch.");
  }
  const frame = pads(spec);
  if (spec.padding_mode !== "zeros" && frame.flat().some(Boolean)) {
    const found = modeProblem(spec, shape, frame);
    if (found) return found;
  }
  if (Math.min(...frame.flat()) < 0) return refuse("negative padding is not supported", "Padding starts at 0.");
  if (Math.min(...spec.stride) < 1) return refuse("non-positive stride is not supported", "A stride is 1 or more.");
  return channelProblem(spec, shape, C) || sizeProblem(spec, H, W, frame) || tapProblem(spec);
}

/** What PyTorch's own kernels refuse, after all else. */
function tapProblem({ kernel_size: [kH, kW], dilation: [dH, dW] }) {
  if (Math.min(kH, kW) < 1) {
    const sizes = Math.min(dH, dW) > 0 ? `kernel_height: ${kH} kernel_width: ${kW}` : `[${kH}, ${kW}]`;
    return refuse(`kernel size should be greater than zero, but got ${sizes}`, "A kernel has at least one tap.");
  }
  if (Math.min(dH, dW) < 1) {
    const came = Math.min(dH, dW) === 0 ? `, but got [${dH}, ${dW}]` : "";
    return refuse(`dilation should be greater than zero${came}`, "Dilation 1 means no gap between the taps.");
  }
  return null;
}

function channelProblem(spec, shape, C) {
  if (C === spec.in_channels) return null;
  const weight = [spec.out_channels, Math.floor(spec.in_channels / spec.groups), ...spec.kernel_size];
  const seen = seenShape(spec, shape);
  const batched = shape.length === 4 ? seen : [1, ...seen];
  return refuse(`Given groups=${spec.groups}, weight of size [${weight.join(", ")}], expected input` +
    `[${batched.join(", ")}] to have ${spec.in_channels} channels, but got ${C} channels instead`,
    `The layer was made for ${spec.in_channels} input channels, this input has ${C}: change in_channels or the input.`);
}

/** The input's shape when PyTorch checks it: padding by a mode, and the odd pixel of "same", come before. */
function seenShape(spec, shape) {
  const before = pads(spec).map(([first, last]) => (spec.padding_mode === "zeros" ? Math.abs(first - last) : first + last));
  return [...shape.slice(0, -2), shape.at(-2) + before[0], shape.at(-1) + before[1]];
}

function sizeProblem(spec, H, W, frame) {
  const padded = [H + frame[0][0] + frame[0][1], W + frame[1][0] + frame[1][1]];
  const window = [0, 1].map((axis) => extent(spec.kernel_size[axis], spec.dilation[axis]));
  if (padded[0] >= window[0] && padded[1] >= window[1]) return null;
  return refuse(`Calculated padded input size per channel: (${padded.join(" x ")}). Kernel size: ` +
    `(${window.join(" x ")}). Kernel size can't be greater than actual input size`,
    "The window sticks out: use a smaller kernel or dilation, more padding, or a larger input.");
}

function modeProblem(spec, shape, frame) {
  for (const axis of [1, 0]) { // PyTorch looks at the width first
    const length = shape[shape.length - 2 + axis];
    const most = Math.max(...frame[axis]);
    if (spec.padding_mode === "reflect" && most >= length) {
      return refuse(`Argument #${6 - 2 * axis}: Padding size should be less than the corresponding input dimension, ` +
        `but got: padding (${frame[axis].join(", ")}) at dimension ${axis + shape.length - 2} of input [${shape.join(", ")}]`,
        "'reflect' mirrors the input without its edge: pad less, or use 'replicate'.");
    }
    if (spec.padding_mode === "circular" && most > length) {
      return refuse("Padding value causes wrapping around more than once.",
        `'circular' may go round once: pad ${length} at most.`);
    }
  }
  return null;
}

/** Every size by its name, and the maps from padded rows and columns back to the input's (-1: a zero). */
export function geometry(spec, shape) {
  const [N, C, H, W] = shape.length === 4 ? shape : [1, ...shape];
  const [[top, bottom], [left, right]] = pads(spec);
  const [kH, kW] = spec.kernel_size;
  const [sH, sW] = spec.stride;
  const [dH, dW] = spec.dilation;
  const size = (length, before, after, kernel, stride, dilation) =>
    Math.floor((length + before + after - extent(kernel, dilation)) / stride) + 1;
  return {
    N, C, H, W, O: spec.out_channels, Cg: C / spec.groups, Og: spec.out_channels / spec.groups,
    kH, kW, sH, sW, dH, dW, top, bottom, left, right,
    H_out: size(H, top, bottom, kH, sH, dH), W_out: size(W, left, right, kW, sW, dW),
    rows: sources(H, top, bottom, spec.padding_mode), columns: sources(W, left, right, spec.padding_mode),
  };
}

function sources(length, before, after, mode) {
  return Int32Array.from({ length: before + length + after }, (_, at) => {
    const q = at - before;
    if (q >= 0 && q < length) return q;
    if (mode === "replicate") return q < 0 ? 0 : length - 1;
    if (mode === "circular") return (q + length) % length;
    if (mode === "reflect") return q < 0 ? -q : 2 * (length - 1) - q;
    return -1;
  });
}

/** The output, flat (N, O, H_out, W_out). */
export function forward(g, input, weight, bias) {
  const output = new Float64Array(g.N * g.O * g.H_out * g.W_out);
  const area = g.H_out * g.W_out;
  for (let n = 0; n < g.N; n++) {
    for (let o = 0; o < g.O; o++) {
      if (bias) output.fill(bias[o], (n * g.O + o) * area, (n * g.O + o + 1) * area);
      for (let t = 0; t < g.Cg * g.kH * g.kW; t++) {
        const c = Math.floor(t / (g.kH * g.kW)), u = Math.floor(t / g.kW) % g.kH, v = t % g.kW;
        addTap(g, input, output, n, o, c, u, v, weight[o * g.Cg * g.kH * g.kW + t]);
      }
    }
  }
  return output;
}

/** Adds `amount` times the input under tap (u, v) of channel c (within o's group) to feature map o of sample n. */
function addTap(g, input, output, n, o, c, u, v, amount) {
  if (amount === 0) return;
  const from = (n * g.C + Math.floor(o / g.Og) * g.Cg + c) * g.H * g.W;
  for (let i = 0; i < g.H_out; i++) {
    const row = g.rows[i * g.sH + u * g.dH];
    if (row < 0) continue;
    const to = ((n * g.O + o) * g.H_out + i) * g.W_out;
    for (let j = 0; j < g.W_out; j++) {
      const column = g.columns[j * g.sW + v * g.dW];
      if (column >= 0) output[to + j] += amount * input[from + row * g.W + column];
    }
  }
}

/** Brings the output up to date after weight[o, c, u, v] grew by `delta`: only what changed is computed. */
export function weightChanged(g, input, output, [o, c, u, v], delta) {
  for (let n = 0; n < g.N; n++) addTap(g, input, output, n, o, c, u, v, delta);
}

/** The same after bias[o] grew by `delta`. */
export function biasChanged(g, output, o, delta) {
  const area = g.H_out * g.W_out;
  for (let n = 0; n < g.N; n++) {
    for (let at = (n * g.O + o) * area; at < (n * g.O + o + 1) * area; at++) output[at] += delta;
  }
}

/** The same after input[n, c, i, j] grew by `delta`; returns the changed flat indices of the output. */
export function inputChanged(g, weight, output, [n, c, i, j], delta) {
  const changed = [];
  const group = Math.floor(c / g.Cg);
  const onRow = readers(g.rows, i, g.kH, g.sH, g.dH, g.H_out);
  const onColumn = readers(g.columns, j, g.kW, g.sW, g.dW, g.W_out);
  for (let o = group * g.Og; o < (group + 1) * g.Og; o++) {
    const kernel = (o * g.Cg + (c % g.Cg)) * g.kH * g.kW;
    for (const [place, u] of onRow) {
      for (const [column, v] of onColumn) {
        const at = ((n * g.O + o) * g.H_out + place) * g.W_out + column;
        output[at] += delta * weight[kernel + u * g.kW + v];
        changed.push(at);
      }
    }
  }
  return changed;
}

/** Pairs (place, tap) along one axis whose tap reads input index `at`. */
export function readers(map, at, kernel, stride, dilation, places) {
  const found = [];
  for (let place = 0; place < places; place++) {
    for (let tap = 0; tap < kernel; tap++) {
      if (map[place * stride + tap * dilation] === at) found.push([place, tap]);
    }
  }
  return found;
}

/** What one output cell is made of: per channel the window, the products and their sum; then all together. */
export function parts(g, input, weight, bias, [n, o, i, j]) {
  const channels = [];
  for (let c = 0; c < g.Cg; c++) {
    const channel = Math.floor(o / g.Og) * g.Cg + c;
    const window = [], products = [], inside = [];
    for (let u = 0; u < g.kH; u++) {
      for (let v = 0; v < g.kW; v++) {
        const row = g.rows[i * g.sH + u * g.dH], column = g.columns[j * g.sW + v * g.dW];
        const known = row >= 0 && column >= 0;
        const value = known ? input[((n * g.C + channel) * g.H + row) * g.W + column] : 0;
        inside.push(known ? [row, column] : null);
        window.push(value);
        products.push(value * weight[((o * g.Cg + c) * g.kH + u) * g.kW + v]);
      }
    }
    channels.push({ channel, window, inside, products, sum: products.reduce((a, b) => a + b, 0) });
  }
  const total = channels.reduce((a, part) => a + part.sum, 0);
  return { channels, total, bias: bias ? bias[o] : 0, value: total + (bias ? bias[o] : 0) };
}

/** The three gradients of sum(gradOutput * output): {input, weight, bias}, flat. */
export function gradients(g, gradOutput, input, weight) {
  const grad = {
    input: new Float64Array(g.N * g.C * g.H * g.W),
    weight: new Float64Array(g.O * g.Cg * g.kH * g.kW),
    bias: new Float64Array(g.O),
  };
  const area = g.H_out * g.W_out;
  for (let at = 0; at < gradOutput.length; at++) {
    const o = Math.floor(at / area) % g.O, n = Math.floor(at / (area * g.O));
    const i = Math.floor((at % area) / g.W_out), j = at % g.W_out;
    grad.bias[o] += gradOutput[at];
    for (let t = 0; t < g.Cg * g.kH * g.kW; t++) {
      const c = Math.floor(o / g.Og) * g.Cg + Math.floor(t / (g.kH * g.kW));
      const row = g.rows[i * g.sH + (Math.floor(t / g.kW) % g.kH) * g.dH];
      const column = g.columns[j * g.sW + (t % g.kW) * g.dW];
      if (row < 0 || column < 0) continue;
      const from = ((n * g.C + c) * g.H + row) * g.W + column;
      grad.input[from] += gradOutput[at] * weight[o * g.Cg * g.kH * g.kW + t];
      grad.weight[o * g.Cg * g.kH * g.kW + t] += gradOutput[at] * input[from];
    }
  }
  return grad;
}

/** The columns of unfold, flat (N, C * kH * kW, H_out * W_out). */
export function columns(g, input) {
  const taps = g.C * g.kH * g.kW, places = g.H_out * g.W_out;
  const result = new Float64Array(g.N * taps * places);
  for (let at = 0; at < result.length; at++) {
    const place = at % places, tap = Math.floor(at / places) % taps, n = Math.floor(at / (places * taps));
    const c = Math.floor(tap / (g.kH * g.kW)), u = Math.floor(tap / g.kW) % g.kH, v = tap % g.kW;
    const row = g.rows[Math.floor(place / g.W_out) * g.sH + u * g.dH];
    const column = g.columns[(place % g.W_out) * g.sW + v * g.dW];
    if (row >= 0 && column >= 0) result[at] = input[((n * g.C + c) * g.H + row) * g.W + column];
  }
  return result;
}

/** How often one kernel reads each row and each column of the input; a pixel is read the product of the two times. */
export function readCounts(g) {
  const count = (map, length, kernel, stride, dilation, places) => {
    const counts = new Int32Array(length);
    for (let place = 0; place < places; place++) {
      for (let tap = 0; tap < kernel; tap++) {
        const at = map[place * stride + tap * dilation];
        if (at >= 0) counts[at] += 1; // -1 is a zero of the padding, nobody's pixel
      }
    }
    return counts;
  };
  return {
    rows: count(g.rows, g.H, g.kH, g.sH, g.dH, g.H_out),
    columns: count(g.columns, g.W, g.kW, g.sW, g.dW, g.W_out),
  };
}

/** Number of learnable numbers: the weight's, and one bias per output channel. */
export function parameterCount({ in_channels, out_channels, kernel_size: [kH, kW], groups, bias }) {
  return out_channels * (in_channels / groups) * kH * kW + (bias ? out_channels : 0);
}

/** Multiply-adds for the batch given; products with padding zeros count, adding the bias does not. */
export const macs = (g) => g.N * g.O * g.H_out * g.W_out * g.Cg * g.kH * g.kW;

/** [[least, most], [least, most]]: the heights and the widths that give the same output as this input. */
export function sameOutput(spec, shape) {
  const g = geometry(spec, shape);
  return pads(spec).map(([before, after], axis) => {
    const places = [g.H_out, g.W_out][axis], stride = spec.stride[axis];
    const first = stride * (places - 1) + extent(spec.kernel_size[axis], spec.dilation[axis]) - before - after;
    const frame = Math.max(before, after);
    const modes = frame > 0 ? { reflect: frame + 1, circular: frame } : {};
    const shortest = modes[spec.padding_mode] ?? 1;
    return [Math.max(first, shortest), first + stride - 1];
  });
}
