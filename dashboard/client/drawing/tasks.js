// Work that is divided into tasks, so that what the user does, and the browser's own frames, come between.

export const nextTask = () => new Promise((resolve) => setTimeout(resolve))
