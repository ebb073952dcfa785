// What Python hands over: `shown` of the views, answers of the routes, figures of the charts. Nothing
// but types, for the checker: this file is never loaded.

/**
 * @typedef {[string, string]} Colours For light ground and for dark.
 * @typedef {Record<string, number>} ByHead
 * @typedef {{ name: string, asks: string, called: string, colours: Colours, metric: string | null, better: string, unit: string, classes: number }} Head
 *
 * @typedef {object} State What `state_json` tells of a run's state.
 * @property {string} state
 * @property {boolean} is_finished
 * @property {boolean} is_moving
 * @property {boolean} is_grave
 *
 * @typedef {object} RunFacts
 * @property {string} id
 * @property {{ steps: number, dropout: number } & Record<string, any>} config
 * @property {number} step
 * @property {string} message
 * @property {number[]} branches
 * @property {{ steer: boolean, pause: boolean, fork: boolean, rewind: boolean, look_inside: boolean, why: string }} can
 * @typedef {State & RunFacts} Run
 *
 * @typedef {{ weights: ByHead, source: number | null, since: number }} LaneNow
 * @typedef {Record<string, (number | null)[]>} Columns Some of them have no value in some rows.
 * @typedef {{ run: Run, ready: boolean, fault: string }} Answer What all routes of a run tell.
 * @typedef {{ lanes_now: LaneNow[], cursor: number, more: boolean, columns: Record<string, any[]> }} Page
 * @typedef {Answer & Page & { hints: string[], checkpoints: number[], calmer: number | null }} Records
 *
 * @typedef {object} InsideFacts
 * @property {string} told
 * @property {boolean} is_coming Whether there is anything measured, or will be.
 * @property {{ name: string, trunk: boolean, heads: string[] }[]} layers Those of the trunk are shared.
 * @property {string} unshared That nothing is, "" if something is.
 * @property {number[][] | null} gram
 * @property {{ step: number, why: string } | null} broke
 * @property {string | null} collapse Why all embeddings are alike, and what leads out of it.
 * @property {string | null} token
 * @property {any} snapshot What `snapshot_json` tells of one model.
 * @typedef {Answer & Page & InsideFacts} Inside
 * @typedef {{ height: number, width: number, per_row: number }} Cells Of the file of pictures, in its pixels.
 * @typedef {{ height: number, width: number, cells: Cells | null }} ImageOfPairs Its shape, and where each is kept.
 * @typedef {{ gram: number[][] | null, told: string, is_final: boolean }} Start
 * @typedef {{ runs: number[], megabytes: number[], told: string }} Memory
 *
 * @typedef {object} MapValues Of one quantity, each part by column.
 * @property {Record<string, (number | null)[]>} mean
 * @property {Record<string, (number | null)[]>} spread
 * @property {Record<string, (number | null)[]>} [error]
 * @property {Record<string, number | null>} best
 * @property {Record<string, number[]>} ties
 * @property {Record<string, string>} noise
 * @typedef {object} MapFacts
 * @property {string} edition Of all that is measured: another one where anything has changed.
 * @property {number} model_steps
 * @property {number} all_model_steps
 * @property {number} parts Trained one after the other: one a seed, or more of a large map.
 * @property {number} parts_done
 * @property {number[][]} places
 * @property {number[][]} weights
 * @property {number[]} n_seeds
 * @property {number[]} step
 * @property {number[]} diverged
 * @property {Record<string, number[]>} fronts
 * @property {Record<string, MapValues>} values
 * @typedef {Answer & MapFacts} WeightMap
 *
 * @typedef {object} LaneFacts A row of the list of runs.
 * @property {string} run
 * @property {string} problem
 * @property {string[]} heads In whose order the values are.
 * @property {(string | null)[]} metrics Of the heads.
 * @property {number} number
 * @property {string} label
 * @property {string} what
 * @property {string} name
 * @property {string} note
 * @property {boolean} pinned
 * @property {boolean} mine
 * @property {number} created
 * @property {number | null} seconds
 * @property {number} step
 * @property {number} steps
 * @property {(string | number)[]} settings
 * @property {number} points
 * @property {number | null} lane
 * @property {number[] | null} weights
 * @property {number[] | null} began
 * @property {boolean[] | null} moved
 * @property {{ last: (number | null)[], best: (number | null)[], best_worst: number | null } | null} result
 * @typedef {State & LaneFacts} Lane
 * @typedef {{ name: string, settings: string[], heads: { name: string, metric: string | null, better: string }[] }} Problem
 * @typedef {{ token: string, all: boolean, problems: Problem[], curves_at_once: number, rows: Lane[] }} Lanes
 *
 * @typedef {{ role: string, column: string, lane: number, level: number, head: string, colours?: Colours }} Meta
 * @typedef {{ meta: Meta } & Record<string, any>} Trace One of Plotly's.
 * @typedef {{ data: Trace[], layout: Record<string, any> }} Figure
 * @typedef {{ quantity: string, head: string, alike: string, figure: Figure }} Chart
 *
 * @typedef {object} ShownDesk
 * @property {string | null} run
 * @property {string} called
 * @property {string | null} state
 * @property {boolean} steers Whether what is moved goes to the run.
 * @property {string} why Why it goes on and cannot be steered from here; empty where it can.
 * @property {string} session
 * @property {string} edition Of `lanes`, as Python put them.
 * @property {number} heardAt When what Python has heard of the desk was told.
 * @property {number[][]} lanes
 * @property {number} lane
 * @property {number} mostLanes
 * @property {number} greatest A weight may be.
 * @property {number} most Where the sliders end, at least.
 * @property {Record<string, number>} live Settings that can change in mid-run, as Python has seen them.
 * @property {Head[]} heads
 * @property {Colours[]} laneColours
 * @property {{ name: string, weights: number[], knownFor: string }[]} presets
 * @property {string | null} adopted
 * @property {string} next What an address says of the next run.
 *
 * @typedef {object} Examples Pairs of the data.
 * @property {{ images: number[][], classes: string[], same: boolean }[]} pairs
 * @property {number} height
 * @property {number} width
 * @property {number} levels
 *
 * @typedef {object} ShownLive
 * @property {Examples | null} examples
 * @property {string | null} run
 * @property {string | null} state
 * @property {number} steps
 * @property {string} figures Which charts, by the heads' key.
 * @property {boolean} hasNetwork Whether what is trained can be drawn.
 * @property {ByHead[]} lanes
 * @property {number} lane
 * @property {number[]} sliders
 * @property {Colours[]} laneColours
 * @property {Head[]} heads
 * @property {number} smoothing
 * @property {boolean} logLoss
 * @property {boolean} sameAxes
 * @property {string} x
 *
 * @typedef {{ of: "head" | "worst" | "mean" | "rank", kind: string, sign: number, chance: number | null, isLoss: boolean, title: string }} Measure What a column of a map is.
 * @typedef {{ symbol: string, size: number, color?: string, line?: { width: number, color?: string } }} Marker As Plotly's.
 * @typedef {{ corners: string[], colours: string[], marks: { role: string, name: string, marker: Marker }[] }} TriangleFigure
 *
 * @typedef {object} ShownMap
 * @property {string | null} run
 * @property {string | null} state
 * @property {number[][] | null} places
 * @property {"line" | "triangle"} shape
 * @property {{ line?: Figure, triangle?: TriangleFigure, front: Figure, curves: { quantity: string, figure: Figure }[] }} figures
 * @property {Head[]} heads
 * @property {number[]} varied Indices of the heads whose weights vary.
 * @property {string} others What is said of the others; empty where all vary.
 * @property {string[]} columns
 * @property {Record<string, Record<string, Measure>>} measures By quantity and column.
 * @property {string} quantity
 * @property {string} column
 * @property {string} title
 * @property {string} front
 * @property {string[]} pair The heads of the front.
 * @property {string[]} axes
 * @property {[number, number][]} ticks Places along a line, and the share of the first head there.
 * @property {Record<string, number[] | null>} marks
 * @property {number[]} sliders
 * @property {number | null} point
 *
 * @typedef {object} CurveFacts
 * @property {string} key
 * @property {string} run
 * @property {number} lane
 * @property {string} name
 * @property {string} label
 * @property {number[]} weights
 * @property {(number | null)[]} chance The loss of a guess, by head.
 * @property {Colours} colours
 * @property {string} symbol
 * @property {number | null} perEpoch Steps; null where that is not known.
 * @typedef {object} CompareOptions
 * @property {"step" | "seconds" | "epochs"} x
 * @property {boolean} logX
 * @property {boolean} logY
 * @property {number} smoothing
 * @property {boolean} outliers
 * @property {boolean} differences
 * @typedef {object} ShownCompare
 * @property {CurveFacts[]} curves
 * @property {{ run: string, label: string, state: string, lanes: number }[]} told
 * @property {Head[]} heads
 * @property {number} most
 * @property {{ curves: Chart[], parallel: Figure }} figures
 * @property {Record<string, string[]>} settings
 * @property {string | null} baseline
 * @property {CompareOptions} options
 *
 * @typedef {object} ShownInside
 * @property {string | null} run
 * @property {string | null} state
 * @property {number} nLanes
 * @property {number} mostLanes
 * @property {number} lane
 * @property {number} steps
 * @property {string} config
 * @property {number[] | null} sliders None of other heads.
 * @property {number} pair
 * @property {string} own Name of what the problem shows of its own.
 * @property {number} smoothing
 * @property {boolean} logNorm
 * @property {Head[]} heads
 * @property {Record<string, Figure>} figures
 *
 * @typedef {{ selected: string[], table: Record<string, string>, colours: Colours[] }} ShownRuns
 *
 * @typedef {object} ShownLearn
 * @property {string} figure
 * @property {boolean} isExample Whether it is not a run of this server, but one that comes with it.
 * @property {string | null} run
 * @property {string | null} state
 * @property {number} nLanes
 * @property {number} lane
 * @property {number} most
 * @property {string[]} trunkLayers
 * @property {Record<string, any>} config
 * @property {number[]} sliders
 * @property {number[]} inverseLog
 * @property {number[]} classes
 * @property {number} pairs
 * @property {number} bins
 * @property {Head[]} heads
 * @property {Figure | null} chart
 */

export {}
