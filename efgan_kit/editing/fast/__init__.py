"""The same edits sooner: a graph's layers exchanged for ones that return the same on a CPU, in fp32 or bf16."""
