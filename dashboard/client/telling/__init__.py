"""What Python and a view tell each other, and what a view tells the others on its page."""
