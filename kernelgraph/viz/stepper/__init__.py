"""How a graph became what runs, one step at a time."""
