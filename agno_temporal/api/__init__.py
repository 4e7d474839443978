"""The HTTP API: thin routes over `RunClient`, in an app of its own or mounted in anybody's."""
