"""The routes beside the pages: what the browser and other programs ask for."""
