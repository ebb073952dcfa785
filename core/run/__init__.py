"""What a run is and what travels: settings, loss weights, commands, records, states."""
