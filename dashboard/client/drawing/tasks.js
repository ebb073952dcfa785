// Drawing in several tasks, so that what the user does, and the browser's own frames, come between.

export const nextTask = () => new Promise((resolve) => setTimeout(resolve))

// A view's drawing, a task for each part; a later one, or the end of the page, overtakes what is left.
export class Drawing {
  last = Symbol()

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
  }

  // Draws the parts; says whether it came to the end.
  /** @param {(() => any)[]} parts */
  async run(parts) {
    const own = (this.last = Symbol())
    for (const part of parts) {
      part()
      await nextTask()
      if (this.last !== own || !this.root.isConnected) return false
    }
    return true
  }
}
