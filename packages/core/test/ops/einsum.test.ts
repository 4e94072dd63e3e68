import { fails } from "@ad/expect";
import { test } from "vitest";
import { einsum, ShapeError, zeros } from "../../src/index.js";

const x = zeros([2, 3]);

test("subscripts that do not fit", () => {
  fails(
    () => einsum("ij,jk->ik", x),
    ShapeError,
    'einsum: "ij,jk->ik" names 2 operands, but 1 are given; the operands\' shapes are [2, 3].',
  );
  fails(() => einsum("ijk", x), ShapeError, 'einsum: "ijk" has the term "ijk" for an operand of shape [2, 3]');
  fails(
    () => einsum("i,i", [1, 2], [1, 2, 3]),
    ShapeError,
    'einsum: "i,i" gives "i" both 2 and 3 elements; the operands\' shapes are [2], [3].',
  );
  fails(() => einsum("ii->i", zeros([2, 1])), ShapeError, 'einsum: "ii->i" gives "i" both 2 and 1 elements');
  fails(() => einsum("ii", zeros([1, 2])), ShapeError, 'einsum: "ii" gives "i" both 1 and 2 elements');
  fails(() => einsum("ij->k", x), ShapeError, 'einsum: "ij->k" has "k" in the output and in no operand');
  fails(() => einsum("ij->ii", x), ShapeError, 'einsum: "ij->ii" names an axis twice in the output');
  fails(() => einsum("i-j", x), ShapeError, 'einsum: "i-j" is no list of letters; write as in "ij,jk->ik"');
  fails(() => einsum("ij->i->j", x), ShapeError, "is no list of letters");
  fails(() => einsum("..ij", x), ShapeError, "does not stand once");
  fails(() => einsum("...i...", x), ShapeError, "does not stand once");
  fails(
    () => einsum(x as never, "ij" as never),
    ShapeError,
    "einsum: the subscripts are an array of shape [2, 3] and dtype float64; give a string",
  );
  fails(() => einsum("...ijk", x), ShapeError, 'has the term "...ijk" for an operand of shape [2, 3]');
});
