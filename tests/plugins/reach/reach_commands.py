"""The reach plugin's command."""

import click

from efgan_kit.api import fail


@click.command()
@click.argument("name")
def greet(name):
    """Say hello to NAME."""
    if name == "nobody":
        raise fail("NAME", "there is nobody", "name somebody")
    click.echo(f"hello {name}")


mumble = "mmh"
