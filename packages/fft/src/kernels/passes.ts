import type { Lines, Parts } from "./lines.js";

/**
 * One pass of Stockham's transform: of each r elements that stand m steps apart it makes r that stand s apart, for s lines beside each other.
 * The input may have any strides, the output is compact. `turn` is the number of the root of the first twiddle; the roots are those of
 * the whole length.
 */
export type Pass = (x: Lines, y: Parts, m: number, s: number, roots: Parts, turn: number, r: number) => void;

const two: Pass = (x, y, m, s, roots, turn) => {
  const { re: xr, im: xi, at, line, step } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = step * m;
  for (let p = 0; p < m; p++) {
    const [cr, ci] = [wr[p * turn], wi[p * turn]];
    for (let a = at + step * p, to = 2 * s * p, end = to + s; to < end; a += line, to++) {
      const b = a + apart;
      const dr = xr[a] - xr[b];
      const di = xi[a] - xi[b];
      yr[to] = xr[a] + xr[b];
      yi[to] = xi[a] + xi[b];
      yr[to + s] = dr * cr - di * ci;
      yi[to + s] = dr * ci + di * cr;
    }
  }
};

const four: Pass = (x, y, m, s, roots, turn) => {
  const { re: xr, im: xi, at, line, step } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = step * m;
  for (let p = 0; p < m; p++) {
    const k = p * turn;
    const w1r = wr[k];
    const w1i = wi[k];
    const w2r = wr[2 * k];
    const w2i = wi[2 * k];
    const w3r = wr[3 * k];
    const w3i = wi[3 * k];
    for (let a = at + step * p, to = 4 * s * p, end = to + s; to < end; a += line, to++) {
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const acr = xr[a] + xr[c];
      const aci = xi[a] + xi[c];
      const ar = xr[a] - xr[c];
      const ai = xi[a] - xi[c];
      const bdr = xr[b] + xr[d];
      const bdi = xi[b] + xi[d];
      const br = xi[b] - xi[d];
      const bi = xr[d] - xr[b];
      yr[to] = acr + bdr;
      yi[to] = aci + bdi;
      const r1 = ar + br;
      const i1 = ai + bi;
      yr[to + s] = r1 * w1r - i1 * w1i;
      yi[to + s] = r1 * w1i + i1 * w1r;
      const r2 = acr - bdr;
      const i2 = aci - bdi;
      yr[to + 2 * s] = r2 * w2r - i2 * w2i;
      yi[to + 2 * s] = r2 * w2i + i2 * w2r;
      const r3 = ar - br;
      const i3 = ai - bi;
      yr[to + 3 * s] = r3 * w3r - i3 * w3i;
      yi[to + 3 * s] = r3 * w3i + i3 * w3r;
    }
  }
};

const sin3 = Math.sqrt(3) / 2;

const three: Pass = (x, y, m, s, roots, turn) => {
  const { re: xr, im: xi, at, line, step } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = step * m;
  for (let p = 0; p < m; p++) {
    const k = p * turn;
    const w1r = wr[k];
    const w1i = wi[k];
    const w2r = wr[2 * k];
    const w2i = wi[2 * k];
    for (let a = at + step * p, to = 3 * s * p, end = to + s; to < end; a += line, to++) {
      const b = a + apart;
      const c = b + apart;
      const sr = xr[b] + xr[c];
      const si = xi[b] + xi[c];
      const dr = sin3 * (xi[b] - xi[c]);
      const di = sin3 * (xr[c] - xr[b]);
      const hr = xr[a] - 0.5 * sr;
      const hi = xi[a] - 0.5 * si;
      yr[to] = xr[a] + sr;
      yi[to] = xi[a] + si;
      const r1 = hr + dr;
      const i1 = hi + di;
      yr[to + s] = r1 * w1r - i1 * w1i;
      yi[to + s] = r1 * w1i + i1 * w1r;
      const r2 = hr - dr;
      const i2 = hi - di;
      yr[to + 2 * s] = r2 * w2r - i2 * w2i;
      yi[to + 2 * s] = r2 * w2i + i2 * w2r;
    }
  }
};

const [cos51, cos52, sin51, sin52] = [0.30901699437494745, -0.8090169943749475, 0.9510565162951535, 0.5877852522924731];

const five: Pass = (x, y, m, s, roots, turn) => {
  const { re: xr, im: xi, at, line, step } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = step * m;
  for (let p = 0; p < m; p++) {
    const k = p * turn;
    for (let a = at + step * p, to = 5 * s * p, end = to + s; to < end; a += line, to++) {
      const b = a + apart;
      const c = b + apart;
      const d = c + apart;
      const e = d + apart;
      const sr1 = xr[b] + xr[e];
      const si1 = xi[b] + xi[e];
      const sr2 = xr[c] + xr[d];
      const si2 = xi[c] + xi[d];
      const dr1 = xi[b] - xi[e];
      const di1 = xr[e] - xr[b];
      const dr2 = xi[c] - xi[d];
      const di2 = xr[d] - xr[c];
      const er1 = xr[a] + cos51 * sr1 + cos52 * sr2;
      const ei1 = xi[a] + cos51 * si1 + cos52 * si2;
      const er2 = xr[a] + cos52 * sr1 + cos51 * sr2;
      const ei2 = xi[a] + cos52 * si1 + cos51 * si2;
      const or1 = sin51 * dr1 + sin52 * dr2;
      const oi1 = sin51 * di1 + sin52 * di2;
      const or2 = sin52 * dr1 - sin51 * dr2;
      const oi2 = sin52 * di1 - sin51 * di2;
      yr[to] = xr[a] + sr1 + sr2;
      yi[to] = xi[a] + si1 + si2;
      twist(yr, yi, to + s, er1 + or1, ei1 + oi1, wr[k], wi[k]);
      twist(yr, yi, to + 2 * s, er2 + or2, ei2 + oi2, wr[2 * k], wi[2 * k]);
      twist(yr, yi, to + 3 * s, er2 - or2, ei2 - oi2, wr[3 * k], wi[3 * k]);
      twist(yr, yi, to + 4 * s, er1 - or1, ei1 - oi1, wr[4 * k], wi[4 * k]);
    }
  }
};

/** Any odd r: the sums and the differences of what stands symmetrically, by the cosines and the sines. */
const odd: Pass = (x, y, m, s, roots, turn, r) => {
  const { re: xr, im: xi, at, line, step } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = step * m;
  const half = (r - 1) / 2;
  const part = turn * m;
  const parts = new Float64Array(4 * half);
  for (let p = 0; p < m; p++) {
    for (let a = at + step * p, to = r * s * p, end = to + s; to < end; a += line, to++) {
      let sumR = xr[a];
      let sumI = xi[a];
      for (let j = 1; j <= half; j++) {
        const b = a + j * apart;
        const c = a + (r - j) * apart;
        const at = 4 * (j - 1);
        sumR += parts[at] = xr[b] + xr[c];
        sumI += parts[at + 1] = xi[b] + xi[c];
        parts[at + 2] = xi[b] - xi[c];
        parts[at + 3] = xr[c] - xr[b];
      }
      yr[to] = sumR;
      yi[to] = sumI;
      for (let k = 1; k <= half; k++) {
        let evenR = xr[a];
        let evenI = xi[a];
        let oddR = 0;
        let oddI = 0;
        for (let j = 1, e = k; j <= half; j++, e = e + k < r ? e + k : e + k - r) {
          const at = 4 * (j - 1);
          const c = wr[e * part];
          const sine = -wi[e * part];
          evenR += parts[at] * c;
          evenI += parts[at + 1] * c;
          oddR += parts[at + 2] * sine;
          oddI += parts[at + 3] * sine;
        }
        twist(yr, yi, to + k * s, evenR + oddR, evenI + oddI, wr[p * k * turn], wi[p * k * turn]);
        const l = r - k;
        twist(yr, yi, to + l * s, evenR - oddR, evenI - oddI, wr[p * l * turn], wi[p * l * turn]);
      }
    }
  }
};

/** Puts a product of complex numbers into its place. */
function twist(yr: Float64Array, yi: Float64Array, to: number, r: number, i: number, wr: number, wi: number): void {
  yr[to] = r * wr - i * wi;
  yi[to] = r * wi + i * wr;
}

/** The pass that takes r elements at once: r is 2, 4 or odd. */
export const passOf = (r: number): Pass => ({ 2: two, 3: three, 4: four, 5: five })[r] ?? odd;
