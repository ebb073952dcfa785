"""What all charts are made of: empty figures here, filled and redrawn in the browser."""
