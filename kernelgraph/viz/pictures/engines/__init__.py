"""Engines that turn a picture into a layout, behind one interface: `engine(picture) -> Layout`."""
