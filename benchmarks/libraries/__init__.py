"""One module for each library that is measured; `library()` in each makes its `Library`."""
