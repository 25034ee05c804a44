"""The steps of a request that join the rooms; the pipeline calls them in order."""
