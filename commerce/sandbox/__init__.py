"""SQL from people, run where it can do no harm: a gate, a child process per query, limits."""
