"""What only AgentOS, agno's own server, asks for: its event stream, its frames, its sockets, and its approvals.

Nothing here is loaded before there is an AgentOS: agno's server needs libraries that the rest does not.
"""
