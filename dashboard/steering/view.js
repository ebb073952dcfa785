// The weights desk. While the run shown trains or waits, it shows what is in force there and steers it
// as it is moved; otherwise it shows what the next run will have, and tells Python.

/** @import { ShownDesk } from "../client/types.js" */
import { ofRun } from "../client/asking/fetch.js"
import { Poll } from "../client/asking/poll.js"
import { element, put } from "../client/drawing/elements.js"
import { addStyle } from "../client/drawing/style.js"
import { mount } from "../client/telling/mount.js"
import { onPresent } from "../client/telling/present.js"
import { tellSliders } from "../client/telling/sliders.js"
import { Teller } from "../client/telling/tell.js"
import { Adopted } from "./adopted.js"
import { HeadControl } from "./head.js"
import { Keys } from "./keys.js"
import { inWords, sender } from "./sender.js"
import { stick } from "./stick.js"
import { STYLE } from "./style.js"
import { isSame, Top } from "./top.js"

const FOLLOW = 350 // ms between two looks at a run that trains or waits
const REST = 3000 // at one that has ended: somebody may rewind it

class Desk {
  /** @type {ShownDesk} */ shown
  /** @type {import("../client/telling/present.js").Present | null} */ answer = null // the last of the run shown
  /** @type {number[][]} */ lanes = [] // weights of each lane, as they are shown
  chosen = 0 // the lane that the sliders steer, once there is one
  most = 0 // where the sliders end
  note = "" // what was told last
  toldAt = 0 // when Python was told of lanes of the next run last

  /** @param {HTMLElement} root @param {ShownDesk} shown @param {Teller} teller */
  constructor(root, shown, teller) {
    addStyle("steering", STYLE)
    this.root = root
    this.teller = teller
    this.shown = shown
    const place = element(root, "div", "desk-place")
    this.box = element(place, "section", "desk")
    this.box.setAttribute("aria-label", "Loss weights")
    const keys = new Keys(this.root, (lane) => lane < this.lanes.length && this.choose(lane))
    this.top = new Top(this.box, shown, {
      add: () => this.addLane(),
      remove: () => this.removeLane(),
      choose: (lane) => this.choose(lane),
      preset: (weights) => this.move({ ...weights }, true),
      keys: () => keys.show(),
    })
    const heads = element(this.box, "div", "desk-heads")
    // On a phone a name has so much room beside its slider.
    heads.toggleAttribute(
      "data-long",
      shown.heads.some(({ name }) => name.length > SHORT),
    )
    this.heads = shown.heads.map(
      (head, h) =>
        new HeadControl(
          heads,
          head,
          shown.greatest,
          (weight, isLast) => this.move({ [h]: weight }, isLast),
          (why) => this.say(why, true),
        ),
    )
    this.said = element(this.box, "p", "desk-said")
    this.said.setAttribute("role", "status")
    this.adopted = new Adopted(element(this.box, "p", "desk-adopted"))
    stick(place, this.box)
    this.poll = new Poll({
      question: () => (this.shown.run ? ofRun(this.shown.run, "lanes") : null),
      take: (answer) => this.take(answer),
      fail: () => this.draw(),
      pace: ({ run }) => (run.is_finished ? REST : FOLLOW),
      isWanted: () => root.isConnected,
      resting: 1000,
    })
    onPresent(root, (answer) => {
      if (answer.run.id !== this.shown.run) return
      this.take(answer)
      this.poll.next(answer)
    })
    Object.assign(sender, {
      onNews: () => this.draw(),
      onLate: (moves) => this.say(`The server is back, and ${inWords(moves)} was carried out.`),
      onRefused: (why) => this.say(why, true),
      onEnded: (moves) => this.keepForNext(moves),
    })
  }

  // Whether what is moved goes to a run.
  get steers() {
    const { answer, shown } = this
    return answer ? answer.run.can.steer : shown.steers
  }

  // Why nothing can be moved while the run shown goes on, since it is not to be steered from here.
  get why() {
    const { answer, shown } = this
    if (!answer) return shown.why
    return answer.run.is_finished ? "" : answer.run.can.why
  }

  // Whether what is in force in the run is shown, and not what the next one will have.
  get follows() {
    return this.steers || this.why !== ""
  }

  /** @param {ShownDesk} shown */
  set(shown) {
    const before = this.shown
    this.shown = shown
    const isBegun = before.run !== shown.run && before.session === shown.session && shown.steers
    if (before.run !== shown.run) this.answer = null
    if (!this.lanes.length || (before.edition !== shown.edition && before.session === shown.session)) {
      this.lanes = shown.lanes.map((weights) => [...weights])
      this.chosen = shown.lane
    } else if (before.session !== shown.session) this.tell() // a new server knows nothing of what is here
    if (isBegun && this.toldAt > shown.heardAt) this.sendLate()
    this.most = Math.max(this.most, shown.most)
    this.poll.ask()
    this.adopted.show(shown)
    this.follow()
  }

  take(answer) {
    const { shown } = this
    const wasFollowing = this.follows
    this.answer = answer
    answer.lanes_now.forEach(({ weights }, lane) => sender.see(shown.run, lane, weights, answer.ready))
    this.follow()
    if (wasFollowing && answer.run.is_finished) this.tell() // with what it was trained in the end
    const { state, live } = shown
    const nLanes = shown.lanes.length
    const now = Object.fromEntries(Object.keys(live).map((name) => [name, answer.run.config[name]]))
    const words = (state, n, live) => `${state} ${n} ${JSON.stringify(live)}`
    const n = answer.run.is_finished ? nLanes : Math.min(answer.lanes_now.length, shown.mostLanes)
    this.teller.news(words(state, nLanes, live), words(answer.run.state, n, now))
  }

  // Show what is in force, but for what was moved and is on its way.
  follow() {
    const { answer, shown } = this
    if (this.follows && answer) {
      const now = answer.lanes_now.slice(0, shown.mostLanes)
      const names = shown.heads.map(({ name }) => name)
      this.lanes = now.map(({ weights }, lane) =>
        names.map((head, h) =>
          lane === this.lane && this.heads[h].isHeld
            ? this.heads[h].weight
            : (sender.ahead(shown.run, lane, head) ?? weights[head]),
        ),
      )
    }
    this.draw()
  }

  // An answer may be older than the fork that made the chosen one.
  get lane() {
    return Math.max(0, Math.min(this.chosen, this.lanes.length - 1))
  }

  // `weights` by index of the head; `isLast`: whether the hand has let go.
  move(weights, isLast) {
    const { shown } = this
    if (this.why) return this.draw()
    const own = this.lanes[this.lane]
    const inForce = this.answer?.lanes_now[this.lane]?.weights ?? {}
    /** @type {Record<string, number>} */ const moved = {}
    for (const [h, weight] of Object.entries(weights)) {
      const { name } = shown.heads[h]
      // Where the hand lets go is what counts, whatever others have moved meanwhile.
      const present = sender.ahead(shown.run, this.lane, name) ?? inForce[name]
      if (present !== weight) moved[name] = weight
      own[h] = weight
    }
    if (shown.run && this.steers && Object.keys(moved).length) sender.move(shown.run, this.lane, moved)
    this.note = ""
    if (isLast && !this.steers) this.tell()
    this.draw()
  }

  choose(lane) {
    if (lane === this.lane) return
    this.chosen = lane
    this.tell()
    this.draw()
  }

  addLane() {
    this.lanes.push([...this.lanes[this.lane]])
    this.choose(this.lanes.length - 1)
  }

  removeLane() {
    this.lanes.splice(this.lane, 1)
    this.chosen = this.lane
    this.tell()
    this.draw()
  }

  // What was moved after Train was pressed and before the run was here is of that run.
  sendLate() {
    const { run, lanes, heads } = this.shown
    lanes.forEach((weights, lane) => {
      const now = this.lanes[lane] ?? weights
      const moved = heads.flatMap(({ name }, h) => (now[h] === weights[h] ? [] : [[name, now[h]]]))
      if (run && moved.length) sender.move(run, lane, Object.fromEntries(moved))
    })
    this.toldAt = 0
  }

  // What came when the run had ended.
  keepForNext(moves) {
    if (moves.run !== this.shown.run || !this.lanes[moves.lane]) return
    this.shown.heads.forEach(({ name }, h) => {
      if (name in moves.weights) this.lanes[moves.lane][h] = moves.weights[name]
    })
    this.shown.steers = false
    if (this.answer) this.answer.run.can.steer = false
    this.say(`The run had ended: ${inWords(moves)} waits for the next one.`)
    this.tell()
  }

  tell() {
    const n = performance.timeOrigin + performance.now()
    const steers = this.follows ? this.shown.run : null
    if (!steers) this.toldAt = n
    this.teller.keep("lanes", { edition: this.shown.edition, n, lanes: this.lanes, lane: this.lane, steers })
    this.adopted.leave()
  }

  say(text, isGrave = false) {
    this.note = text
    this.isGrave = isGrave
    this.draw()
  }

  draw() {
    const { shown, lanes, lane, follows, why } = this
    const weights = lanes[lane]
    this.most = Math.max(this.most, ...weights)
    this.heads.forEach((control, h) => {
      if (Number(control.range.max) !== this.most) control.setMost(this.most)
      control.allow(!why)
      if (!control.isHeld) control.show(weights[h])
    })
    this.top.draw({ lanes, lane, follows, why, called: shown.called })
    this.drawSaid(weights)
    tellSliders([...weights])
  }

  drawSaid(weights) {
    const { said, shown, note } = this
    const isAway = Boolean(sender.fault && sender.waiting.length)
    const known = shown.presets.find((preset) => isSame(preset.weights, weights))
    const away = `Not carried out yet: ${sender.inWords}. The server does not answer; it is told again.`
    put(said, isAway ? away : note || this.why || (known ? known.knownFor : "Weights of your own."))
    said.classList.toggle("view-grave", isAway || Boolean(note && this.isGrave))
  }
}

const SHORT = 11 // letters

export const show = mount("steering", (root, shown, teller) => new Desk(root, shown, teller))
