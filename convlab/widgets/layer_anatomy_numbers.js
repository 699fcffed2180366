// The numbers of a layer whose arguments move: those that were given as far as they reach, the rest made up. Python
// makes the same ones (layer_anatomy_numbers.py), each number from its own index alone. Pure: tested by Node.

const SALT = { input: 11, weight: 23, bias: 37 };
const SMALL_WEIGHTS = [-2, -1, 1, 2]; // never 0: every tap does something

/** One axis more into a hash, by MurmurHash3's last steps. */
function mixed(hash, at) {
  let found = Math.imul(hash ^ ((at + 0x9e3779b9) | 0), 0x85ebca6b);
  found = Math.imul(found ^ (found >>> 13), 0xc2b2ae35);
  return found ^ (found >>> 16);
}

/** A whole number below 2**32 for an index. */
const hashed = (salt, index) => index.reduce(mixed, salt) >>> 0;

/** What made-up numbers are like: small whole ones, or floats between low and high like those that were given. */
function styleOf(name, given, fanIn) {
  const known = given[name] ?? (name === "bias" ? given.weight : undefined);
  if (!known || known.values.every(Number.isInteger)) return null;
  if (name !== "input") return (share) => (2 * share - 1) / Math.sqrt(Math.max(1, fanIn)); // nn.Conv2d's own bound
  const low = known.values.reduce((a, b) => Math.min(a, b)), high = known.values.reduce((a, b) => Math.max(a, b));
  return (share) => low + (high - low) * share;
}

const WHOLE = {
  input: (chance) => chance % 5, weight: (chance) => SMALL_WEIGHTS[chance % 4], bias: (chance) => (chance % 6) - 2,
};

/**
 * Every number of a layer and its input by name and index.
 *
 * given: {name: {shape, values}}; edits: {name: {"o,c,u,v": number}}; rank: 4, or 3 for an input without a batch;
 * fanIn: C_in / groups * kH * kW; single: numbers as float32 has them.
 */
export function createNumbers({ given, edits, rank, fanIn, single }) {
  const styles = {};
  for (const name of Object.keys(SALT)) styles[name] = styleOf(name, given, fanIn);
  const rounded = single ? Math.fround : Number;
  const made = (name, chance) => rounded(styles[name] ? styles[name](chance / 2 ** 32) : WHOLE[name](chance));
  const own = (name, index) => (name === "input" && rank === 3 ? index.slice(1) : index);
  const known = (name, index) => {
    const array = given[name], at = own(name, index);
    if (!array || array.shape.length !== at.length) return undefined;
    let flat = 0;
    for (let axis = 0; axis < at.length; axis++) {
      if (at[axis] >= array.shape[axis]) return undefined;
      flat = flat * array.shape[axis] + at[axis];
    }
    return array.values[flat];
  };
  const edited = (name, index) => {
    const value = edits[name]?.[own(name, index).join(",")];
    return value === undefined ? undefined : rounded(value);
  };
  return {
    /** One number; an input's index has four parts, (0, c, i, j) where there is no batch. */
    one: (name, index) => edited(name, index) ?? known(name, index) ?? made(name, hashed(SALT[name], index)),
    /** rows x columns numbers that share the first two parts of their index. */
    plane(name, first, rows, columns) {
      const found = new Float64Array(rows * columns), start = first.reduce(mixed, SALT[name]);
      const any = edits[name] && Object.keys(edits[name]).length;
      for (let i = 0; i < rows; i++) {
        const row = mixed(start, i);
        for (let j = 0; j < columns; j++) {
          const index = [...first, i, j];
          found[i * columns + j] = (any ? edited(name, index) : undefined) ?? known(name, index)
            ?? made(name, mixed(row, j) >>> 0);
        }
      }
      return found;
    },
  };
}
