"""What a docstring says of a component, and the paper that it names."""

from efgan_kit.registry.words import paper_of, prose_of


def sourced():
    """Pulls the sea.

    It does so twice
    a day.

    Source: Newton, *Principia* (1687), book 3;
    the moon's part alone. Source of the constant: Cavendish.

    Args:
        pull: Says nothing (2001).
    """


def cited():
    """Pulls the sea (Newton et al., 2017). It never rests; Laplace says why (arXiv:1799.1). Nothing more."""


def unsourced():
    """Pulls the sea, 2 times a day."""


def bare(): ...


def test_the_source_is_what_follows_the_word():
    assert paper_of(sourced).startswith("Newton, *Principia* (1687), book 3; the moon's part alone.")
    assert prose_of(sourced) == "Pulls the sea.\nIt does so twice a day."


def test_without_the_word_the_sentences_that_cite_are_it():
    assert paper_of(cited) == "Pulls the sea (Newton et al., 2017). Laplace says why (arXiv:1799.1)."


def test_where_none_is_named_nothing_is_said():
    assert (paper_of(unsourced), paper_of(bare), prose_of(bare)) == ("", "", "")
