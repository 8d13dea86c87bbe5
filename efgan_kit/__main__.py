"""`python -m efgan_kit` is `efgan`."""

from efgan_kit.cli import main

if __name__ == "__main__":
    main()
