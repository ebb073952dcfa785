// What is recorded of a run, as lines to draw. A rewind begins a branch, and leaves an abandoned
// line behind; a fork begins a lane, whose line goes on where its source's was.

export class Lines {
  /** @type {Record<string, any[]>} */ columns = {} // of all rows, by name; none before the first answer
  branches = [0]
  /** @type {[number | null, number][]} */ forks = [] // source and step of each lane
  /** @type {Set<string>} */ begun = new Set()
  /** @type {Map<string, Line>} */ lines = new Map() // by branch and lane
  division = ""

  // `most`: lanes that are shown; a run may have more.
  /** @param {number} most */
  constructor(most) {
    this.most = most
    this.divide()
  }

  reset() {
    this.columns = {}
    this.branches = [0]
    this.forks = []
    this.begun = new Set()
    this.divide()
  }

  // Take an answer of `/api/runs/{id}/records`. True if lines were divided anew, so that what was
  // computed along them is void; else they only grew.
  append({ columns, run, lanes_now }) {
    const first = this.columns.step?.length ?? 0
    // Which columns there are may be known with the first row only.
    if (!first) this.columns = structuredClone(columns)
    else for (const name in columns) for (const value of columns[name]) this.columns[name].push(value)
    for (let i = first; i < this.columns.step.length; i++) {
      this.begun.add(`${this.columns.branch[i]} ${this.columns.lane[i]}`)
    }
    this.branches = run.branches
    this.forks = lanes_now.map(({ source, since }) => [source, since])
    // A line that has just begun may need more of its source than was there at the fork.
    if (this.division !== this.divisionNow()) {
      this.divide()
      return true
    }
    this.place(first)
    return false
  }

  divisionNow() {
    return JSON.stringify([this.branches, this.forks, this.begun.size])
  }

  divide() {
    this.division = this.divisionNow()
    this.lines = new Map()
    this.forks.forEach((_, lane) => {
      if (lane < this.most) this.line(lane, this.branches.length - 1)
    })
    this.place(0)
    this.forks.forEach(([source, since], lane) => {
      if (source === null || lane >= this.most) return
      const line = this.line(lane, this.branches.length - 1)
      const shared = this.line(source, this.branches.length - 1).rows.filter((i) => this.columns.step[i] <= since)
      line.rows.unshift(...shared)
      line.from = since
    })
  }

  // A row is of the line of its branch, and of those of later ones that go on from it.
  place(first) {
    const { step = [], lane, branch } = this.columns
    for (let i = first; i < step.length; i++) {
      if (lane[i] >= this.most) continue
      for (let b = branch[i]; b < this.branches.length; b++) {
        this.line(lane[i], b).rows.push(i)
        if (this.branches[b + 1] < step[i]) break
      }
    }
  }

  /** @returns {Line} */
  line(lane, branch) {
    const key = `${branch} ${lane}`
    const known = this.lines.get(key)
    if (known) return known
    const line = new Line(this, lane, key)
    line.isAbandoned = branch < this.branches.length - 1
    if (line.isAbandoned) line.from = this.branches[branch + 1]
    this.lines.set(key, line)
    return line
  }

  // The line of a lane as it is trained now, if there is one.
  current(lane) {
    return this.lines.get(`${this.branches.length - 1} ${lane}`)
  }

  // What rewinds left behind of a lane, those lines that have anything beyond the rewind.
  abandoned(lane) {
    return [...this.lines.values()].filter(
      (line) => line.lane === lane && line.isAbandoned && line.step.at(-1) > line.from,
    )
  }

  // The greatest value of a column that rises along each line, 0 where there is nothing.
  end(name) {
    return Math.max(0, ...[...this.lines.values()].map((line) => line.column(name).at(-1) ?? 0))
  }

  // The lanes that the run has or had.
  get lanes() {
    return [...new Set([...this.lines.values()].map((line) => line.lane))]
  }

  // Of the lines as they are trained now, one that has come furthest; a lane may have diverged.
  get furthest() {
    const lines = this.lanes.flatMap((lane) => this.current(lane) ?? []).filter(({ step }) => step.length)
    return lines.sort((one, other) => other.step.at(-1) - one.step.at(-1))[0]
  }
}

// Rows of one lane in the order of their steps. Those up to step `from` it shares with the line
// that it leaves.
export class Line {
  from = -Infinity
  isAbandoned = false
  /** @type {number[]} */ rows = []
  /** @type {Record<string, any[]>} */ kept = {} // columns, as far as somebody has asked for them

  /** @param {Lines} lines @param {number} lane @param {string} key */
  constructor(lines, lane, key) {
    this.lines = lines
    this.lane = lane
    this.key = key
  }

  column(name) {
    const kept = (this.kept[name] ??= [])
    const values = this.lines.columns[name] ?? []
    for (let k = kept.length; k < this.rows.length; k++) kept.push(values[this.rows[k]])
    return kept
  }

  get step() {
    return this.column("step")
  }

  // The last row with validation, as `last` gives it.
  get lastValidated() {
    return this.at(this.column("validated").lastIndexOf(true))
  }

  // The values of the last row, by column.
  last() {
    return this.at(this.rows.length - 1)
  }

  // The values of the row at a place of the line, by column.
  at(k) {
    if (k < 0) return undefined
    const { columns } = this.lines
    return Object.fromEntries(Object.keys(columns).map((name) => [name, columns[name][this.rows[k]]]))
  }

  // Of these places in the line, those beyond `from`, and the last one before.
  beyond(places) {
    const step = this.step
    const first = places.findIndex((k) => step[k] > this.from)
    return places.slice(Math.max((first < 0 ? places.length : first) - 1, 0))
  }
}
