"""What runs: its C and Python, line by line beside the graph, and where the time goes."""
