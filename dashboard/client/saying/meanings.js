// What the words of the trade mean, in a sentence each.

/** @type {Record<string, string>} */
export const MEANINGS = {
  nats: "The unit of a loss: cross-entropy with natural logarithms. A guess among 100 costs ln 100 = 4.605 nats, a sure and right answer 0.",
  "shared layers":
    "Layers that are trained and that the losses of two heads or more reach, such as the trunk that both images go through.",
  pair: "One example: two images, and whether they show the same class.",
  lane: "One network that is trained: several lanes race from the same initial values, on the same batches, with different loss weights.",
  validation: "Measured on examples that were never trained on; of pairs of images, no image was.",
  loss: "How wrong the answers of a head are, as a number that training makes smaller.",
  "loss weight": "What a head's loss is multiplied by before the losses are added up. You set it.",
}
