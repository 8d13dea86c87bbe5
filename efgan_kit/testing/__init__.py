"""What plugin authors run to see that their components keep the contracts: the `conformance` suite."""
