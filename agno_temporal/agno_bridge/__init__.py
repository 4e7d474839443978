"""Everything that touches agno: compile a workflow, convert its data, execute its leaves."""
