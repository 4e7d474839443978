"""Where the time of a run goes: the five steps of the benchmark, sampled in their worker: ``make flame``."""
