// The charts of pairs: how far apart the embeddings are, and the ROC; of one snapshot each.

import { percent, round } from "../../client/saying/words.js"
import { SnapshotChart } from "../snapshot_chart.js"

export class Distances extends SnapshotChart {
  put({ histogram, threshold }) {
    const { edges } = histogram
    const middle = edges.slice(1).map((edge, k) => (edge + edges[k]) / 2)
    for (const kind of ["same", "different"]) {
      Object.assign(this.role[kind], {
        x: middle,
        y: histogram[kind],
        width: edges.slice(1).map((edge, k) => edge - edges[k]),
        customdata: edges.slice(1).map((edge, k) => `${round(edges[k], 2)} to ${round(edge, 2)}`),
      })
    }
    const { color } = this.layout.font
    const at = threshold?.distance ?? null
    const line = { type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color, width: 2, dash: "dash" } }
    const isRight = at > (edges[0] + edges.at(-1)) / 2
    this.layout.shapes = at === null ? [] : [line]
    this.layout.annotations =
      at === null
        ? []
        : [
            {
              x: at,
              y: 1,
              yref: "paper",
              yanchor: "top",
              xanchor: isRight ? "right" : "left",
              showarrow: false,
              text: `${this.options.head}'s threshold<br>${round(at, 2)}`,
              font: { size: 12, color },
            },
          ]
  }

  inWords() {
    const { head } = this.options
    const { histogram, threshold, is_collapsed: isCollapsed, same } = this.options.snapshot
    if (isCollapsed) return "All images get the same embedding: no distance tells same pairs from different ones."
    const said = threshold
      ? `Closer than ${round(threshold.distance, 2)} is “same”: this one distance reproduces ${percent(threshold.agreement, 1)} of ${head}'s answers.`
      : `${head}'s answer is “${same[0] > 0.5 ? "same" : "different"}” for every pair, whatever its distance.`
    return `${said} The same pairs are ${round(middleOf(histogram, "same"), 2)} apart on average, the different ones ${round(middleOf(histogram, "different"), 2)}.`
  }
}

export class Roc extends SnapshotChart {
  put({ roc }) {
    for (const name of [this.options.head, "distance"]) {
      const { fpr, tpr, auc } = roc[name]
      Object.assign(this.role[name], { x: fpr, y: tpr, name: `${name}, AUC ${number(auc)}` })
    }
  }

  inWords() {
    const { head, snapshot } = this.options
    const { [head]: own, distance } = snapshot.roc
    return `Area under the curve: ${head} ${number(own.auc)}, the distance alone ${number(distance.auc)}; a guess has 0.5.`
  }
}

const number = (auc) => (auc === null || auc === undefined ? "not defined" : auc.toFixed(3))

function middleOf({ edges, ...counts }, kind) {
  const total = counts[kind].reduce((sum, count) => sum + count, 0)
  return counts[kind].reduce((sum, count, k) => sum + (count * (edges[k] + edges[k + 1])) / 2, 0) / Math.max(total, 1)
}
