/** A table made of another one, row by row. */
export const derive = <T extends object, R>(
  rows: T,
  make: (row: T[keyof T], name: keyof T & string) => R,
): { readonly [K in keyof T]: R } =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, make(row, name as keyof T & string)])) as {
    readonly [K in keyof T]: R;
  };
