// What the heads say of validation pairs. Pure.

// What a head says of a pair, how sure it is, and whether it is right.
export function verdict(snapshot, head, pair) {
  const { labels, top, right, same, classes } = snapshot
  if (top[head]) {
    const is = labels[pair][head === Object.keys(top)[0] ? 0 : 1]
    const [says, sure] = [top[head].classes[pair][0], top[head].p[pair][0]]
    return { says: classes[says], is: classes[is], sure, isRight: says === is || right[head][pair] >= sure }
  }
  const isSame = labels[pair][2] === 1
  const says = same[pair] >= 0.5
  const name = (one) => (one ? "same" : "different")
  return {
    says: name(says),
    is: name(isSame),
    sure: Math.max(same[pair], 1 - same[pair]),
    isRight: right[head][pair] >= 0.5,
  }
}

// Indices of the pairs to show, of those heads that count.
export function chosen(snapshot, filter, heads) {
  const all = [...snapshot.labels.keys()]
  if (filter === "all") return all
  const wrong = new Map()
  for (const pair of all) {
    const sure = heads
      .map((head) => verdict(snapshot, head, pair))
      .filter(({ isRight }) => !isRight)
      .map(({ sure }) => sure)
    if (sure.length) wrong.set(pair, Math.max(...sure))
  }
  const found = [...wrong.keys()]
  return filter === "wrong" ? found : found.sort((one, other) => wrong.get(other) - wrong.get(one))
}
