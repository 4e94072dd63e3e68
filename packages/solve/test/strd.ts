import type { NDArray } from "@ad/core";

/** The models of NIST's datasets: y(x, b). Nelson's is one of log y, and its x has two columns. */
type Model = (x: NDArray, b: NDArray) => NDArray;

const all = (b: NDArray): NDArray[] => [...b];

const misra: Model = (x, p) => {
  const [b1, b2] = all(p);
  return b2.mul(x).neg().expm1().neg().mul(b1);
};
const chwirut: Model = (x, p) => {
  const [b1, b2, b3] = all(p);
  return b1.mul(x).neg().exp().div(b3.mul(x).add(b2));
};
const gauss: Model = (x, p) => {
  const [b1, b2, b3, b4, b5, b6, b7, b8] = all(p);
  const bell = (height: NDArray, at: NDArray, width: NDArray): NDArray => x.sub(at).div(width).square().neg().exp().mul(height);
  return b2
    .mul(x)
    .neg()
    .exp()
    .mul(b1)
    .add(bell(b3, b4, b5))
    .add(bell(b6, b7, b8));
};
const lanczos: Model = (x, p) => {
  const [b1, b2, b3, b4, b5, b6] = all(p);
  const decay = (a: NDArray, k: NDArray): NDArray => k.mul(x).neg().exp().mul(a);
  return decay(b1, b2).add(decay(b3, b4)).add(decay(b5, b6));
};
const polynomial = (x: NDArray, ...c: (NDArray | number)[]): NDArray => c.reduceRight<NDArray>((sum, k) => sum.mul(x).add(k), x.mul(0));
const cubics: Model = (x, p) => {
  const [b1, b2, b3, b4, b5, b6, b7] = all(p);
  return polynomial(x, b1, b2, b3, b4).div(polynomial(x, 1, b5, b6, b7));
};

export const models: Readonly<Record<string, Model>> = {
  Bennett5(x, p) {
    const [b1, b2, b3] = all(p);
    return b2.add(x).pow(b3.reciprocal().neg()).mul(b1);
  },
  BoxBOD: misra,
  Chwirut1: chwirut,
  Chwirut2: chwirut,
  DanWood(x, p) {
    const [b1, b2] = all(p);
    return x.pow(b2).mul(b1);
  },
  ENSO(x, p) {
    const [b1, b2, b3, b4, b5, b6, b7, b8, b9] = all(p);
    const wave = (period: NDArray | number, c: NDArray, s: NDArray): NDArray => {
      const angle = x.mul(2 * Math.PI).div(period);
      return angle.cos().mul(c).add(angle.sin().mul(s));
    };
    return b1
      .add(wave(12, b2, b3))
      .add(wave(b4, b5, b6))
      .add(wave(b7, b8, b9));
  },
  Eckerle4(x, p) {
    const [b1, b2, b3] = all(p);
    return b1.div(b2).mul(x.sub(b3).div(b2).square().mul(-0.5).exp());
  },
  Gauss1: gauss,
  Gauss2: gauss,
  Gauss3: gauss,
  Hahn1: cubics,
  Kirby2(x, p) {
    const [b1, b2, b3, b4, b5] = all(p);
    return polynomial(x, b1, b2, b3).div(polynomial(x, 1, b4, b5));
  },
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Lanczos3: lanczos,
  MGH09(x, p) {
    const [b1, b2, b3, b4] = all(p);
    return b1.mul(polynomial(x, 0, b2, 1)).div(polynomial(x, b4, b3, 1));
  },
  MGH10(x, p) {
    const [b1, b2, b3] = all(p);
    return b2.div(x.add(b3)).exp().mul(b1);
  },
  MGH17(x, p) {
    const [b1, b2, b3, b4, b5] = all(p);
    return b1.add(b2.mul(b4.mul(x).neg().exp())).add(b3.mul(b5.mul(x).neg().exp()));
  },
  Misra1a: misra,
  Misra1b(x, p) {
    const [b1, b2] = all(p);
    return b2.mul(x).div(2).add(1).pow(-2).neg().add(1).mul(b1);
  },
  Misra1c(x, p) {
    const [b1, b2] = all(p);
    return b2.mul(x).mul(2).add(1).rsqrt().neg().add(1).mul(b1);
  },
  Misra1d(x, p) {
    const [b1, b2] = all(p);
    return b1.mul(b2).mul(x).div(b2.mul(x).add(1));
  },
  Nelson(x, p) {
    const [b1, b2, b3] = all(p);
    const [time, temperature] = [x.slice(":", 0), x.slice(":", 1)];
    return b1.sub(b2.mul(time).mul(b3.mul(temperature).neg().exp()));
  },
  Rat42(x, p) {
    const [b1, b2, b3] = all(p);
    return b1.div(b2.sub(b3.mul(x)).exp().add(1));
  },
  Rat43(x, p) {
    const [b1, b2, b3, b4] = all(p);
    return b1.div(b2.sub(b3.mul(x)).exp().add(1).pow(b4.reciprocal()));
  },
  Roszman1(x, p) {
    const [b1, b2, b3, b4] = all(p);
    return b1.sub(b2.mul(x)).sub(b3.div(x.sub(b4)).atan().div(Math.PI));
  },
  Thurber: cubics,
};
