// A robot arm that follows a target: one damped Gauss–Newton step for each frame, compiled once.
import { array, concatenate, eye, grad, linalg, matmul, type NDArray, stack, zeros } from "@ad/core";
import { valueAndJacobian } from "@ad/functional";
import { jit } from "@ad/jit";

const lengths = array([1, 0.8, 0.6, 0.4]);

/** The joints' places, [5, 2], from the angle of each link to the one before. */
const joints = (angles: NDArray) => {
  const direction = angles.cumsum();
  const links = stack([direction.cos().mul(lengths), direction.sin().mul(lengths)], 1);
  return concatenate([zeros([1, 2]), links.cumsum(0)], 0);
};
const hand = valueAndJacobian((angles: NDArray) => joints(angles).slice(-1));
/** By how much each angle should turn, for the hand to come nearer. */
const slope = grad((angles: NDArray, target: NDArray) => joints(angles).slice(-1).sub(target).square().sum().mul(-0.5));

/** Angles that bring the hand nearer to the target, the joints' places then, and the gradient there. */
export const step = jit((angles: NDArray, target: NDArray) => {
  const [at, J] = hand(angles);
  const damped = matmul(J, J.T).add(eye(2).mul(0.05));
  const turn = matmul(J.T, linalg.solve(damped, target.sub(at))).mul(0.3);
  const next = angles.add(turn.clip(-0.1, 0.1));
  return [next, joints(next), slope(next, target)];
});

export const start = array([0.5, 0.5, 0.5, 0.5]);
