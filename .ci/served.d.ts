// What the server adds to the browser's scripts, as far as they use it.

interface Window {
  Plotly: any
}
