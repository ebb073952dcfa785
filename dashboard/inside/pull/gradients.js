// The arithmetic of gradients: what each head pays for, and means over steps. Pure.

// Share of the step that each head pays for: with the Gram matrix K of the heads' gradients and
// weights w, w_h (K w)_h / (w' K w); null where there is no step.
export function shares(gram, weights) {
  const pulls = gram.map((row) => dot(row, weights))
  const square = dot(weights, pulls)
  return square > 0 ? weights.map((weight, h) => (weight * pulls[h]) / square) : null
}

// Norm of the weighted sum of the heads' gradients.
export const norm = (gram, weights) =>
  Math.sqrt(
    Math.max(
      0,
      dot(
        weights,
        gram.map((row) => dot(row, weights)),
      ),
    ),
  )

const dot = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0)

export function mean(values, from, to) {
  const there = values.slice(from, to).filter((value) => value !== null && value !== undefined)
  return there.length ? there.reduce((sum, value) => sum + value, 0) / there.length : null
}

// Where the cells of a heat map over these steps begin and end.
export function edges(step, bins) {
  if (!bins.length) return []
  const inner = bins.slice(1).map(([from]) => (step[from - 1] + step[from]) / 2)
  const room = step.length > 1 ? 0 : 0.5
  return [step[0] - room, ...inner, step.at(-1) + room]
}
