// What those pictures of a weight map have in common that Plotly draws. What each trace shows is
// said by its `meta.role`, as `charts.py` describes.

import { ChartFrame } from "../../charts/frame.js"
import { pickedColour } from "./marks.js"

// Nothing is to be zoomed; points can be clicked.
export class Picture extends ChartFrame {
  canZoom = false

  constructor(plotly, element, figure, onPick) {
    super(plotly, element, figure)
    this.onPick = onPick
    this.shown = this.traces
  }

  dress() {
    const dressed = super.dress()
    this.role.picked.marker.color = pickedColour(dressed.dark)
    return dressed
  }

  // A legend without what there is none of yet would grow later, and move what it has.
  keepInLegend(axes) {
    for (const trace of this.traces) {
      if (trace.showlegend !== false && !trace[axes[0]].length) for (const axis of axes) trace[axis] = [null]
    }
  }
}

// Whether colours and axes are to stay as they are.
export const isFixed = (answer) => Boolean(answer) && !answer.run.is_finished
