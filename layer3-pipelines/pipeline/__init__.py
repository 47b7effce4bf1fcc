"""hop's delivery pipeline: plain stages that GitHub, Azure Pipelines and a git hook call alike."""
