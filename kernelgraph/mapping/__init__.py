"""Mapping: passes over programs that fit loops to a machine. They mark loops, and printers obey."""
