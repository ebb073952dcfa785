// What a chart of one snapshot is: it is filled anew with each, and keeps its zoom meanwhile.

import { ChartFrame } from "../charts/frame.js"
import { shade } from "../client/drawing/colours.js"
import { fileName } from "../client/saying/words.js"

export class SnapshotChart extends ChartFrame {
  // Its `options`: run, name, snapshot, pair (the picked one), and what its kind needs, such as a `head`.
  get fileName() {
    return fileName("run", this.options.run, this.options.name)
  }

  fill() {
    const { dark } = this.dress()
    const { run, snapshot } = this.options
    this.layout.uirevision = `${run} ${snapshot.lane}`
    for (const trace of this.traces) if (trace.meta.scales) trace.colorscale = shade(trace.meta.scales, dark)
    this.shown = this.traces
    this.put(snapshot)
  }

  // Put into the traces what a snapshot shows: each kind does it its way.
  put(_snapshot) {}
}
