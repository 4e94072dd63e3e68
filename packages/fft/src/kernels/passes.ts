import type { Parts } from "./lines.js";
import { room } from "./room.js";

/**
 * One pass of Stockham's transform: of each r elements that stand m · s apart it makes r that stand s apart, for s lines beside each other.
 * `turn` is the number of the root of the first twiddle; the roots are those of the whole length.
 */
export type Pass = (x: Parts, y: Parts, m: number, s: number, roots: Parts, turn: number, r: number) => void;

const two: Pass = (x, y, m, s, roots, turn) => {
  const { re: xr, im: xi } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = s * m;
  for (let p = 0; p < m; p++) {
    const [cr, ci] = [wr[p * turn], wi[p * turn]];
    for (let a = s * p, to = 2 * s * p, end = to + s; to < end; a++, to++) {
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
  const { re: xr, im: xi } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = s * m;
  for (let p = 0; p < m; p++) {
    const k = p * turn;
    const w1r = wr[k];
    const w1i = wi[k];
    const w2r = wr[2 * k];
    const w2i = wi[2 * k];
    const w3r = wr[3 * k];
    const w3i = wi[3 * k];
    for (let a = s * p, to = 4 * s * p, end = to + s; to < end; a++, to++) {
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

/** Any odd r: the sums and the differences of what stands symmetrically, by the cosines and the sines. */
const odd: Pass = (x, y, m, s, roots, turn, r) => {
  const { re: xr, im: xi } = x;
  const { re: yr, im: yi } = y;
  const { re: wr, im: wi } = roots;
  const apart = s * m;
  const half = (r - 1) / 2;
  const part = turn * m;
  const parts = new Float64Array(4 * half);
  for (let p = 0; p < m; p++) {
    for (let a = s * p, to = r * s * p, end = to + s; to < end; a++, to++) {
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

const names = { 2: "two", 3: "three", 4: "four", 5: "five" } as const;

/** The pass that takes r elements at once: r is 2, 4 or odd. WebAssembly has some of them, for an even number of lines. */
export function passOf(r: number): Pass {
  const own = r < 6 && room().wasm?.[names[r as keyof typeof names]];
  if (own) return (x, y, m, s, _, turn) => own(x.re.byteOffset, y.re.byteOffset, m, 8 * s, 8 * turn);
  return r === 2 ? two : r === 4 ? four : odd;
}
