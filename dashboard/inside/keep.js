// The place of what is to come.

// Whether a part has a place on the page, and whether it is to be seen there.
export function keep(part, hasPlace, isSeen) {
  part.hidden = !hasPlace
  part.classList.toggle("inside-away", !isSeen)
}
