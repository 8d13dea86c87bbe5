"""Feature extractors: what metrics compare pictures by. No pretrained weights; each is fitted to the training split."""
