"""Who pulls on what the heads share: gradients, and what the sliders would do."""
