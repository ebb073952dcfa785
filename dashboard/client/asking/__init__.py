"""What asks the server, again and again while a run moves, and keeps what it answered."""
