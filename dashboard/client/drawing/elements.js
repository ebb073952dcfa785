// Elements of a page: made, filled and dressed.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {ParentNode} parent
 * @param {Tag} tag
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(parent, tag, className = "", text = "") {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text) made.textContent = text
  parent.append(made)
  return made
}

/** @param {ParentNode} parent @param {string} text @param {() => void} onClick */
export function button(parent, text, onClick, className = "") {
  const made = element(parent, "button", className, text)
  made.type = "button"
  made.addEventListener("click", onClick)
  return made
}

// A box that a screen reader takes for one picture; what it shows is said by its label.
/** @param {ParentNode} parent @param {string} className @param {Record<string, string>} data */
export function figure(parent, className, data = {}) {
  const made = element(parent, "div", className)
  made.setAttribute("role", "figure")
  Object.assign(made.dataset, data)
  return made
}

// Text is put only where it is another: else what is selected or read out would begin anew.
/** @param {Element} node @param {string} text */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text
}

// **bold** and `code`, as nodes: no text is ever parsed as HTML.
/** @param {string} text */
export function marked(text) {
  return text.split(/(\*\*.+?\*\*|`.+?`)/).map((part) => {
    const tag = part.startsWith("**") ? "strong" : part.startsWith("`") ? "code" : null
    if (!tag) return document.createTextNode(part)
    const made = document.createElement(tag)
    made.textContent = part.replace(/^(\*\*|`)|(\*\*|`)$/g, "")
    return made
  })
}

// Lines of such text, an element each; made anew only where they say something else.
/** @type {WeakMap<Element, string>} */
const said = new WeakMap()
/** @param {Element} parent @param {"li" | "span" | "p"} tag @param {string[]} lines */
export function putLines(parent, tag, lines) {
  const text = lines.join("\n")
  if (text === (said.get(parent) ?? "")) return
  said.set(parent, text)
  parent.replaceChildren()
  for (const line of lines) element(parent, tag).append(...marked(line))
}

// A choice of one of several, by name; `options` tells what stands beside each.
let groups = 0
/**
 * @param {ParentNode} parent
 * @param {string} legend
 * @param {Record<string, string>} options
 * @param {string} chosen
 * @param {(name: string) => void} onChoose
 */
export function radios(parent, legend, options, chosen, onChoose) {
  const set = element(parent, "fieldset", "view-radios")
  element(set, "legend", "", legend)
  const group = `view-radios-${groups++}`
  for (const [name, text] of Object.entries(options)) {
    const label = element(set, "label")
    const input = element(label, "input")
    Object.assign(input, { type: "radio", name: group, value: name, checked: name === chosen })
    input.addEventListener("change", () => onChoose(name))
    label.append(text)
  }
  return set
}
