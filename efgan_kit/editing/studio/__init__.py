"""The studio: a page on this machine where people edit faces by hand. gradio is imported by `page` alone."""
